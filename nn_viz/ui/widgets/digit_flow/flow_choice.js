// What pointer and keys do in a flow: point at a unit, select it, look closely at a cell.
import { choose, send } from "../../live/connection.js";
import { buildCloser } from "./flow_closer.js";
import { paintFlow } from "./flow_paint.js";
import { paint } from "./flow_view.js";

/** @import { FlowCell, Unit, View } from "./digit_flow.js" */

// The strongest paths to what is pointed at come over the live connection.
/** @type {(view: View, at: Unit | null) => void} */
export function askForPaths(view, at) {
  const unit = at && at.layer >= 0 ? [at.layer, at.unit] : null;
  if (!view.message.header.pointable || String(unit) === String(view.pointed)) return;
  view.pointed = unit;
  send({ point: unit });
}

/** @type {(view: View, layer: number, unit: number) => void} */
export function pick(view, layer, unit) {
  view.picked = [layer, unit];
  view.active = { layer, unit };
  paintFlow(view);
  if (!view.message.header.selectable) return;
  const cell = view.cell?.layer === layer ? view.cell : null;
  const { shape } = view.message.header.layers[layer];
  const columns = shape[shape.length - 1];
  choose({ layer: String(layer), neuron: String(unit), cell: cell && String(cell.row * columns + cell.column) });
}

// Look closely at a cell, or at none.
/** @type {(view: View, cell: FlowCell | null) => void} */
export function pin(view, cell) {
  view.cell = cell;
  if (!cell) view.inside = false;
  if (cell) view.closer ??= buildCloser(view, () => pin(view, null));
  paint(view);
}
