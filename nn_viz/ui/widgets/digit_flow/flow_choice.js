// What a hand or a key does in a flow: point at a unit, select it, look closely at a cell.
import { choose, send } from "../../live/connection.js";
import { buildCloser } from "./flow_closer.js";
import { paintFlow } from "./flow_paint.js";
import { paint } from "./flow_view.js";

// The strongest ways to what is pointed at come over the live connection.
export function askForWays(view, at) {
  const unit = at && at.layer >= 0 ? [at.layer, at.unit] : null;
  if (!view.message.header.pointable || String(unit) === String(view.pointed)) return;
  view.pointed = unit;
  send({ point: unit });
}

export function pick(view, layer, unit) {
  view.picked = [layer, unit];
  view.active = { layer, unit };
  paintFlow(view);
  if (!view.message.header.selectable) return;
  const cell = view.cell?.layer === layer ? view.cell : null;
  const columns = view.message.header.layers[layer].shape.at(-1);
  choose({ layer: String(layer), neuron: String(unit), cell: cell && String(cell.row * columns + cell.column) });
}

// Look closely at a cell, or at none.
export function pin(view, cell) {
  view.cell = cell;
  if (!cell) view.inside = false;
  if (cell) view.closer ??= buildCloser(view, () => pin(view, null));
  paint(view);
}
