// What one cell of a map sees of the picture: worked out and outlined in the browser, without asking the server.
import { layerValues } from "./flow_units.js";

/** @import { FlowCell, View } from "./digit_flow.js" */
/** @import { Hit } from "./flow_layout.js" */
/** @typedef {{ top: number, bottom: number, left: number, right: number }} Patch */

// `sees`: the pixels [start, stop) that cell 0, 1, … sees along either axis (insight.receptive_intervals).
/** @type {(sees: [number, number][], row: number, column: number) => Patch} */
export function patchOf(sees, row, column) {
  const [[top, bottom], [left, right]] = [sees[row], sees[column]];
  return { top, bottom, left, right };
}

// The cell of a map at a point of a layer's unit, or null: { layer, unit, row, column }.
/** @type {(view: View, hit: Hit | null) => FlowCell | null} */
export function cellAt({ message }, hit) {
  const layer = hit && hit.layer >= 0 ? message.header.layers[hit.layer] : null;
  if (!hit || layer?.kind !== "maps" || !layer.sees.length) return null;
  const [height, width] = layer.shape.slice(-2);
  return { layer: hit.layer, unit: hit.unit, row: Math.floor(hit.v * height), column: Math.floor(hit.u * width) };
}

/** @type {(one: FlowCell | null, other: FlowCell | null) => boolean} */
export const sameCell = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// Where a unit answers most: there the keyboard enters its map.
/** @type {(view: View, layer: number, unit: number) => FlowCell} */
export function strongestCell({ message }, layer, unit) {
  const { data, shape } = layerValues(message, layer);
  const [height, width] = shape.slice(-2);
  const map = [...data.subarray(unit * height * width, (unit + 1) * height * width)];
  const at = map.indexOf(Math.max(...map));
  return { layer, unit, row: Math.floor(at / width), column: at % width };
}

// A box of cells inside a unit's square, in CSS pixels of the canvas.
/** @type {(view: View, layer: number, unit: number, cells: Patch) => XY & { width: number, height: number }} */
function cellBox({ layout, message }, layer, unit, { top, bottom, left, right }) {
  const column = layout.columns[layer + 1];
  const tile = column.tiles[unit];
  const [height, width] = layerValues(message, layer).shape.slice(-2);
  const [x, y] = [column.x + tile.x, layout.top + tile.y];
  const [wide, high] = [column.side / width, column.side / height];
  return { x: x + left * wide, y: y + top * high, width: (right - left) * wide, height: (bottom - top) * high };
}

// The cell on its map, its patch on the picture, and a thin line from corner to corner that says that they belong together.
/** @type {(view: View, pen: Pen, cell: FlowCell, colour: string) => void} */
export function paintSight(view, pen, cell, colour) {
  const { sees } = view.message.header.layers[cell.layer];
  const patch = cellBox(view, -1, 0, patchOf(sees, cell.row, cell.column));
  const own = cellBox(view, cell.layer, cell.unit, {
    top: cell.row,
    bottom: cell.row + 1,
    left: cell.column,
    right: cell.column + 1,
  });
  pen.save();
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.5;
  pen.beginPath();
  for (const end of [0, 1]) {
    pen.moveTo(patch.x + patch.width + 2, patch.y + end * patch.height);
    pen.lineTo(own.x, own.y + end * own.height);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  for (const box of [patch, own]) outline(pen, box, view.theme.background, colour);
  pen.restore();
}

// Around the pixels, not over them; a seam in the page's colour, to be seen on ink too.
/** @type {(pen: Pen, box: XY & { width: number, height: number }, seam: string, colour: string) => void} */
function outline(pen, { x, y, width, height }, seam, colour) {
  for (const [style, thickness, grow] of /** @type {const} */ ([
    [seam, 4, 1],
    [colour, 2, 1],
  ])) {
    pen.strokeStyle = style;
    pen.lineWidth = thickness;
    pen.strokeRect(x - grow, y - grow, width + 2 * grow, height + 2 * grow);
  }
}
