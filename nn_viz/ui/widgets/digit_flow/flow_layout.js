// Where each part of a flow is drawn. Pure: numbers in CSS pixels, one entry a column.
import { within } from "../../live/numbers.js";

/** @import { Layer, Unit } from "./digit_flow.js" */

/**
 * @typedef {object} Column
 * @property {number} layer -1: the picture
 * @property {Layer["kind"] | "input"} kind
 * @property {number} x
 * @property {number} width
 * @property {number} side the height of a unit's tile
 * @property {number} wide its width
 * @property {number} picture the side of its weight picture, on the left; 0: it has none
 * @property {number} across units in a row
 * @property {XY[]} tiles the units' corners
 *
 * @typedef {{ columns: Column[], top: number, body: number, lines: number, gap: number, width: number,
 *   height: number }} FlowLayout
 * @typedef {Unit & { u: number, v: number, on: "weights" | "answer" }} Hit
 * @typedef {{ side: number, columns: number, rows: number }} UnitGrid
 */

export const FLOW = { top: 32, foot: 18, gap: 34, tileGap: 3, bars: 168, sizes: [1.5, 1.3, 1.15, 1, 0.9, 0.8, 0.7] };
// How high the columns are: with weight pictures there is more to see.
const [PLAIN_BODY, PICTURED_BODY] = [158, 240];

// One layer's units as a grid, as square as it gets without a ragged last row: side of a unit, columns, rows.
/** @type {(count: number, kind: string, cells: number, magnify: number, body: number) => UnitGrid} */
function unitGrid(count, kind, cells, magnify, body) {
  const square = Math.ceil(Math.sqrt(count));
  const even = [0, 1, 2, 3, 4].map((more) => square + more).find((columns) => count % columns === 0);
  let columns = even ?? square;
  // Maps need room for their pixels; neurons are one cell each, larger when there are few of them.
  const wish = kind === "maps" ? within(cells * 3, 30, 84) : count > 64 ? 13 : count > 30 ? 18 : 24;
  const [least, most] = kind === "maps" ? [18, 100] : [9, 30];
  /** @type {(rows: number) => number} */
  const fitting = (rows) => body / rows - FLOW.tileGap;
  while (fitting(Math.ceil(count / columns)) < least) columns += 1;
  const rows = Math.ceil(count / columns);
  return { side: Math.max(least, Math.min(wish * magnify, fitting(rows), most)), columns, rows };
}

// The same in a flow with weight pictures: high grids, so that wide layers stay narrow and maps get large.
/** @type {(count: number, kind: string, cells: number, magnify: number, body: number) => UnitGrid} */
function highGrid(count, kind, cells, magnify, body) {
  /** @type {Record<string, number>} */
  const sizes = { maps: within(cells * 3, 30, 84), neurons: count > 64 ? 22 : count > 30 ? 28 : 42 };
  const wish = Math.max(kind === "maps" ? 18 : 16, sizes[kind] * magnify);
  const fitting = Math.floor((body + FLOW.tileGap) / (wish + FLOW.tileGap));
  const most = within(Math.round(Math.ceil(Math.sqrt(count)) * 1.4), 1, fitting);
  const least = Math.ceil(count / most);
  const columns = [0, 1, 2].map((more) => least + more).find((across) => count % across === 0) ?? least;
  const rows = Math.ceil(count / columns);
  return { side: Math.min(wish, body / rows - FLOW.tileGap), columns, rows };
}

// `pictured`: weight pictures are on their way for the layers that say so.
/** @type {(layers: Layer[], maxWidth: number, pictured?: boolean) => FlowLayout} */
export function flowLayout(layers, maxWidth, pictured = false) {
  /** @type {(magnify: number) => FlowLayout} */
  const at = (magnify) => arrangeColumns(layers, magnify, pictured);
  // What has to be scrolled anyway need not be as small as it can.
  const layout =
    FLOW.sizes.map(at).find(({ width }) => width <= maxWidth) ?? at(pictured ? 0.9 : FLOW.sizes[FLOW.sizes.length - 1]);
  // Spread what is left between the columns, up to a point.
  const spare = Math.max(0, maxWidth - layout.width) / Math.max(1, layout.columns.length - 1);
  const extra = Math.min(60, spare);
  layout.columns.forEach((column, i) => (column.x += i * extra));
  layout.width += (layout.columns.length - 1) * extra;
  layout.gap = FLOW.gap + extra;
  return layout;
}

/** @type {(layers: Layer[], magnify: number, roomy: boolean) => FlowLayout} */
function arrangeColumns(layers, magnify, roomy) {
  const body = roomy ? PICTURED_BODY : PLAIN_BODY;
  const lines = roomy && layers.some(({ kind }) => kind === "neurons") ? 2 : 1;
  const side = Math.min(PLAIN_BODY * 0.75, Math.max(96, 120 * magnify));
  /** @type {Column[]} */
  const columns = [
    {
      layer: -1,
      kind: "input",
      x: 2,
      width: side,
      side,
      wide: side,
      picture: 0,
      across: 1,
      tiles: [{ x: 0, y: (body - side) / 2 }],
    },
  ];
  layers.forEach(({ kind, shape, pictured }, layer) => {
    const last = columns[columns.length - 1];
    const x = last.x + last.width + FLOW.gap;
    const [count] = shape;
    if (kind === "outputs") {
      const pitch = Math.min(24, body / count);
      const picture = pictured ? pitch - FLOW.tileGap : 0;
      const width = FLOW.bars + (pictured ? picture + 8 : 0);
      const tiles = Array.from({ length: count }, (_, i) => ({ x: 0, y: (body - pitch * count) / 2 + i * pitch }));
      columns.push({ layer, kind, x, width, side: pitch, wide: width, picture, tiles, across: 1 });
      return;
    }
    const high = pictured || (roomy && kind === "maps");
    const grid = (high ? highGrid : unitGrid)(count, kind, Math.max(...shape.slice(1), 1), magnify, body);
    const wide = grid.side + (pictured ? within(grid.side * 0.28, 5, 12) + 1 : 0);
    const [across, down] = [wide + FLOW.tileGap + (pictured ? 2 : 0), grid.side + FLOW.tileGap];
    const top = (body - grid.rows * down + FLOW.tileGap) / 2;
    const tiles = Array.from({ length: count }, (_, i) => ({
      x: (i % grid.columns) * across,
      y: top + Math.floor(i / grid.columns) * down,
    }));
    const width = Math.max(pictured ? 100 : 64, grid.columns * across - FLOW.tileGap);
    columns.push({
      layer,
      kind,
      x,
      width,
      side: grid.side,
      wide,
      picture: pictured ? grid.side : 0,
      tiles,
      across: grid.columns,
    });
  });
  const last = columns[columns.length - 1];
  return {
    columns,
    top: FLOW.top,
    body,
    lines,
    gap: FLOW.gap,
    width: last.x + last.width + 4,
    height: FLOW.top + body + FLOW.foot * lines,
  };
}

// The unit at a point (CSS pixels): { layer, unit, u, v, on } with u, v in 0..1 inside its map or, on its "weights", inside
// its weight picture; or null.
/** @type {(layout: FlowLayout, x: number, y: number) => Hit | null} */
export function flowHit(layout, x, y) {
  for (const column of layout.columns) {
    const unit = column.tiles.findIndex((tile) => {
      const [left, top] = [column.x + tile.x, layout.top + tile.y];
      return x >= left - 1 && x < left + column.wide + 1 && y >= top - 1 && y < top + column.side + 1;
    });
    if (unit >= 0) {
      const tile = column.tiles[unit];
      const [right, down] = [x - column.x - tile.x, y - layout.top - tile.y];
      const on = right < column.picture ? "weights" : "answer";
      const size = on === "weights" ? column.picture : column.side;
      /** @type {(at: number) => number} */
      const part = (at) => within(at / size, 0, 0.9999);
      return { layer: column.layer, unit, u: part(right), v: part(down), on };
    }
  }
  return null;
}
