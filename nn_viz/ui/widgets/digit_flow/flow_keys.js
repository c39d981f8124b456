// Moving through a flow with the keyboard: from unit to unit, and inside a map from cell to cell.
import { ARROWS, hasModifier } from "../../live/gestures.js";
import { within } from "../../live/numbers.js";
import { askForPaths, pick, pin } from "./flow_choice.js";
import { paintFlow } from "./flow_paint.js";
import { strongestCell } from "./flow_patch.js";
import { cellWords, unitWords } from "./flow_words.js";

/** @import { View } from "./digit_flow.js" */

/** @type {(view: View, event: KeyboardEvent) => void} */
export function press(view, event) {
  const { layers } = view.message.header;
  if (!layers.length || hasModifier(event)) return;
  const { layer, unit } = view.active;
  const [down, across] = ARROWS[event.key] ?? [0, 0];
  if (across || down) {
    if (view.inside) step(view, across, down);
    else visit(view, across, down);
  } else if (event.key === "Escape" && view.cell) {
    pin(view, null);
    view.spoken.textContent = unitWords(view, view.active);
  } else if (event.key === "Enter" || event.key === " ") {
    pick(view, layer, unit);
    if (view.inside) return event.preventDefault();
    view.inside = layers[layer].kind === "maps" && layers[layer].sees.length > 0;
    const cell = view.inside ? strongestCell(view, layer, unit) : null;
    pin(view, cell);
    if (cell) view.spoken.textContent = `Inside the map. ${cellWords(view, cell)}`;
  } else return;
  event.preventDefault();
}

// From unit to unit.
/** @type {(view: View, across: number, down: number) => void} */
function visit(view, across, down) {
  const { layers } = view.message.header;
  let { layer, unit } = view.active;
  const { across: wide } = view.layout.columns[layer + 1];
  const last = layers[layer].shape[0] - 1;
  // Left and right walk along the rows of a layer's own grid, and over its edge on to the next layer.
  const place = (unit % wide) + across;
  if (across && (place < 0 || place >= wide || unit + across > last)) {
    layer = within(layer + across, 0, layers.length - 1);
    unit = Math.min(unit, layers[layer].shape[0] - 1);
  } else if (unit + across + down * wide >= 0 && unit + across + down * wide <= last) unit += across + down * wide;
  view.active = { layer, unit };
  view.focused = true;
  view.spoken.textContent = unitWords(view, view.active);
  askForPaths(view, view.active);
  reveal(view, layer, unit);
  paintFlow(view);
}

// From cell to cell of one map.
/** @type {(view: View, across: number, down: number) => void} */
function step(view, across, down) {
  const { cell } = view;
  if (!cell) return;
  const { layer, row, column } = cell;
  const last = view.message.header.layers[layer].sees.length - 1;
  const next = { ...cell, row: within(row + down, 0, last), column: within(column + across, 0, last) };
  pin(view, next);
  view.spoken.textContent = cellWords(view, next);
}

// Scroll the unit into the box on a narrow screen.
/** @type {(view: View, layer: number, unit: number) => void} */
function reveal({ layout, scroller }, layer, unit) {
  const column = layout.columns[layer + 1];
  const x = column.x + column.tiles[unit].x;
  if (x < scroller.scrollLeft) scroller.scrollLeft = x - 20;
  else if (x + column.wide > scroller.scrollLeft + scroller.clientWidth)
    scroller.scrollLeft = x + column.wide - scroller.clientWidth + 20;
}
