// Where the grids of a walk go. Pure: numbers in, numbers out, in CSS pixels.

/**
 * @typedef {object} GridOptions
 * @property {number} count tiles
 * @property {number} rows of each, the border counted in
 * @property {number} columns
 * @property {number} border cells of zeros on each side
 * @property {number} maxWidth
 * @property {number} high
 * @property {number} largest the side of a cell
 * @property {number} [head] above a tile for its name
 *
 * @typedef {object} GridLayout
 * @property {number} side of a cell
 * @property {number} rows
 * @property {number} columns
 * @property {number} border
 * @property {{ x: number, y: number }[]} tiles their corners
 * @property {number} width
 * @property {number} height
 */

/**
 * Tiles side by side in about a square.
 * @type {(options: GridOptions) => GridLayout}
 */
export function gridLayout({ count, rows, columns, border, maxWidth, high, largest, head = count > 1 ? 16 : 0 }) {
  const across = Math.ceil(Math.sqrt(count));
  const down = Math.ceil(count / across);
  const gap = count > 1 ? 8 : 0;
  const fit = Math.min(
    (maxWidth - 6 - gap * (across - 1)) / (across * columns),
    (high - 6 - (gap + head) * down) / (down * rows),
    largest,
  );
  const side = fit >= 6 ? Math.floor(fit) : Math.max(1, fit);
  const tiles = Array.from({ length: count }, (_, i) => ({
    x: 3 + (i % across) * (columns * side + gap),
    y: 3 + head + Math.floor(i / across) * (rows * side + gap + head),
  }));
  const width = 6 + across * columns * side + gap * (across - 1);
  return { side, rows, columns, border, tiles, width, height: 6 + down * (rows * side + head) + gap * (down - 1) };
}

/** @typedef {{ channel: number, row: number, column: number }} Cell rows and columns count from the border's end */

/**
 * The cell of the grid at a point, or null beside the tiles.
 * @type {(grid: GridLayout, point: { x: number, y: number }) => Cell | null}
 */
export function gridHit({ tiles, side, rows, columns, border }, { x, y }) {
  for (const [channel, tile] of tiles.entries()) {
    const [row, column] = [Math.floor((y - tile.y) / side), Math.floor((x - tile.x) / side)];
    if (row >= 0 && column >= 0 && row < rows && column < columns)
      return { channel, row: row - border, column: column - border };
  }
  return null;
}
