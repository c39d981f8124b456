// Where the pictures of a wall go. Pure: numbers in, numbers out, all in device pixels.
import { within } from "../../live/numbers.js";

/**
 * @typedef {object} WallOptions what is to be laid out, and where
 * @property {number} count pictures
 * @property {number} height of each, in values
 * @property {number} width
 * @property {number} maxWidth
 * @property {number} maxHeight
 * @property {number} ratio device pixels a CSS pixel
 * @property {number} [group] so many pictures belong together: a row holds whole groups, with room between them
 *
 * @typedef {object} WallLayout
 * @property {number} columns
 * @property {number} rows
 * @property {number} cell the side of one value
 * @property {number} label the height above a picture for its name
 * @property {number} gap
 * @property {{ x: number, y: number }[]} tiles the pictures' corners
 * @property {number} tileWidth
 * @property {number} tileHeight
 * @property {number} height of the whole wall
 *
 * @typedef {{ index: number, row: number, column: number }} WallPlace a value of a picture
 */

const LARGEST_CELL = 60; // CSS pixels of one value: 3x3 filters stay pictures and do not become tiles on a floor
const LABEL_FROM = 24; // CSS pixels of picture width from which there is room for a label above
const NAMED = 64; // so many pictures are told apart by their names: whatever else fits, those stay

// One value's side in device pixels: any size from four up; whole between two and four, where uneven pixels would show;
// below two single values cannot be told apart anyway, and the picture is smoothed instead.
/** @type {(size: number) => number} */
const cellSize = (size) => (size >= 4 || size < 2 ? size : Math.floor(size));

/**
 * Choose the columns that make the pictures largest inside `maxWidth` x `maxHeight`; a ragged last row costs a little.
 * @type {(options: WallOptions) => WallLayout}
 */
export function wallLayout({ count, height, width, maxWidth, maxHeight, ratio, group = 1 }) {
  const gap = Math.round((count > 300 ? 2 : count > 64 ? 3 : width <= 8 ? 12 : 8) * ratio);
  const apart = group > 1 ? 2 * gap : 0;
  /** @type {(columns: number) => number} */
  const gaps = (columns) => gap * (columns + 1) + apart * (columns / group - 1);
  let best = { score: -1, columns: group, rows: count, cell: 0.1, label: 0 };
  for (let columns = group; columns <= count; columns += group) {
    const rows = Math.ceil(count / columns);
    const across = (maxWidth - gaps(columns)) / (columns * width);
    if (across < 0.1 && columns > group) break;
    for (const label of [Math.round(16 * ratio), 0]) {
      const down = (maxHeight - gap * (rows + 1) - label * rows) / (rows * height);
      const cell = cellSize(Math.max(0.1, Math.min(across, down, LARGEST_CELL * ratio)));
      if (label && cell * width < LABEL_FROM * ratio) continue;
      const empty = 1 - count / (columns * rows);
      // Names above the pictures are worth twice their size, and of very many a third of it.
      const score = cell * (1 - 0.12 * empty) * (label ? (count <= NAMED ? 3 : 1.33) : 1);
      if (score > best.score) best = { score, columns, rows, cell, label };
    }
  }
  const { columns, rows, cell, label } = best;
  const [tileWidth, tileHeight] = [Math.max(1, Math.floor(cell * width)), Math.max(1, Math.floor(cell * height))];
  // What is left of the width goes between the columns, up to a point, and then to both sides.
  const spare = Math.max(0, maxWidth - columns * tileWidth - gaps(columns));
  const between = gap + Math.min(Math.floor(spare / (columns + 1)), Math.round(gap * 1.5));
  const wide = columns * tileWidth + between * (columns - 1) + apart * (columns / group - 1);
  const left = Math.max(gap, Math.floor((maxWidth - wide) / 2));
  const tiles = Array.from({ length: count }, (_, i) => ({
    x: left + (i % columns) * (tileWidth + between) + Math.floor((i % columns) / group) * apart,
    y: gap + label + Math.floor(i / columns) * (tileHeight + label + gap),
  }));
  return {
    columns,
    rows,
    cell,
    label,
    gap,
    tiles,
    tileWidth,
    tileHeight,
    height: rows * (tileHeight + label + gap) + gap,
  };
}

/**
 * Which picture and which of its values lies at a point, or null.
 * @type {(layout: WallLayout, shape: number[], x: number, y: number) => WallPlace | null}
 */
export function wallHit(layout, shape, x, y) {
  const { tiles, tileWidth, tileHeight, gap, label } = layout;
  const slack = gap / 2;
  const index = tiles.findIndex(
    (t) => x >= t.x - slack && x < t.x + tileWidth + slack && y >= t.y - slack - label && y < t.y + tileHeight + slack,
  );
  if (index < 0) return null;
  /** @type {(at: number, size: number, cells: number) => number} */
  const inside = (at, size, cells) => within(Math.floor((at / size) * cells), 0, cells - 1);
  const [height, width] = shape;
  return {
    index,
    row: inside(y - tiles[index].y, tileHeight, height),
    column: inside(x - tiles[index].x, tileWidth, width),
  };
}
