// Where everything on a digit's way goes. Pure: numbers in CSS pixels, one entry a column.
const FLOW = { top: 32, body: 158, foot: 18, gap: 34, tileGap: 3, bars: 168, bar: 17, sizes: [1.5, 1.3, 1.15, 1, 0.9, 0.8, 0.7] };

// One layer's units as a grid, as square as it gets without a ragged last row: side of a unit, columns, rows.
function unitGrid(count, kind, cells, magnify) {
  const square = Math.ceil(Math.sqrt(count));
  const even = [0, 1, 2, 3, 4].map((more) => square + more).find((columns) => count % columns === 0);
  let columns = even ?? square;
  // Maps need room for their pixels; neurons are one cell each, larger when there are few of them.
  const wish = kind === "maps" ? Math.max(30, Math.min(84, cells * 3)) : count > 64 ? 13 : count > 30 ? 18 : 24;
  const [least, most] = kind === "maps" ? [18, 100] : [9, 30];
  const fitting = (rows) => FLOW.body / rows - FLOW.tileGap;
  while (fitting(Math.ceil(count / columns)) < least) columns += 1;
  const rows = Math.ceil(count / columns);
  return { side: Math.max(least, Math.min(wish * magnify, fitting(rows), most)), columns, rows };
}

function flowLayout(inputSize, layers, room) {
  let layout;
  for (const magnify of FLOW.sizes) {
    layout = arrangeColumns(inputSize, layers, magnify);
    if (layout.width <= room) break;
  }
  // Spread what is left between the columns, up to a point.
  const spare = Math.max(0, room - layout.width) / Math.max(1, layout.columns.length - 1);
  const extra = Math.min(60, spare);
  layout.columns.forEach((column, i) => (column.x += i * extra));
  layout.width += (layout.columns.length - 1) * extra;
  layout.gap = FLOW.gap + extra;
  return layout;
}

function arrangeColumns(inputSize, layers, magnify) {
  const side = Math.min(FLOW.body * 0.75, Math.max(96, 120 * magnify));
  const columns = [{ layer: -1, kind: "input", x: 2, width: side, side, tiles: [{ x: 0, y: (FLOW.body - side) / 2 }] }];
  layers.forEach(({ kind, shape }, layer) => {
    const last = columns.at(-1);
    const x = last.x + last.width + FLOW.gap;
    if (kind === "outputs") {
      const pitch = Math.min(24, FLOW.body / shape[0]);
      const tiles = Array.from({ length: shape[0] }, (_, i) => ({ x: 0, y: (FLOW.body - pitch * shape[0]) / 2 + i * pitch }));
      columns.push({ layer, kind, x, width: FLOW.bars, side: pitch, tiles });
      return;
    }
    const [count] = shape;
    const grid = unitGrid(count, kind, Math.max(...shape.slice(1), 1), magnify);
    const pitch = grid.side + FLOW.tileGap;
    const top = (FLOW.body - grid.rows * pitch + FLOW.tileGap) / 2;
    const tiles = Array.from({ length: count }, (_, i) => ({
      x: (i % grid.columns) * pitch,
      y: top + Math.floor(i / grid.columns) * pitch,
    }));
    columns.push({ layer, kind, x, width: Math.max(64, grid.columns * pitch - FLOW.tileGap), side: grid.side, tiles, across: grid.columns });
  });
  const last = columns.at(-1);
  return { columns, top: FLOW.top, width: last.x + last.width + 4, height: FLOW.top + FLOW.body + FLOW.foot };
}

// The unit at a point (CSS pixels): { column, unit, u, v } with u, v in 0..1 inside the unit; or null.
function flowHit(layout, x, y) {
  for (const column of layout.columns) {
    const wide = column.kind === "outputs" ? column.width : column.side;
    const unit = column.tiles.findIndex((tile) => {
      const [left, top] = [column.x + tile.x, FLOW.top + tile.y];
      return x >= left - 1 && x < left + wide + 1 && y >= top - 1 && y < top + column.side + 1;
    });
    if (unit >= 0) {
      const tile = column.tiles[unit];
      const part = (at) => Math.max(0, Math.min(0.9999, at / column.side));
      return { layer: column.layer, unit, u: part(x - column.x - tile.x), v: part(y - FLOW.top - tile.y) };
    }
  }
  return null;
}
