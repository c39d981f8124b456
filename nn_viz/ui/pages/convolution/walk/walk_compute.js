// What follows from picture, filter and setting.
import { writeTable } from "./walk_announce.js";
import { setCount } from "./walk_clock.js";
import { stepAt, walkOver, wholeMap } from "./walk_map.js";
import { colouring } from "./walk_paint.js";

/** @import { View } from "./walk.js" */
/** @import { Activation } from "./walk_map.js" */

// All that follows from picture, filter and setting. `fresh`: another kind of walk begins, whole or at its first step.
/** @type {(view: View, fresh?: boolean) => void} */
export function compute(view, fresh = false) {
  const { header } = view.message;
  const [channels, height, width] = view.cells.shape;
  view.walk = walkOver(height, width, view.setting);
  const activation = /** @type {Activation} */ (header.activation);
  view.operation = { op: header.op, weights: view.weights, bias: header.bias, activation };
  const { sums, results } = wholeMap(view.walk, view.cells, view.operation);
  view.values = header.after ? results : sums;
  const positive = view.values.every((value) => value >= 0);
  view.resultColours = colouring(positive && header.resultKind !== "signed" ? "magnitude" : "signed", view.values);
  view.inputColours = colouring(header.inputKind, view.cells.data);
  view.weightColours = colouring("signed", view.weights.data);
  view.sheet = Math.min(view.sheet, channels - 1);
  Object.assign(view, { pixel: null, hovered: null });
  if (fresh || view.walk.count !== view.clock.count) {
    // A digit's map is there as a whole, and its strongest place is looked at; the small picture's is made step by step.
    const strongest = view.values.reduce((best, value, index) => (value > view.values[best] ? index : best), 0);
    setCount(view.clock, view.walk.count, header.editable ? 0 : strongest, !header.editable);
    if (view.walk.count && channels > 1) {
      const sizes = stepAt(view.walk, view.cells, view.operation, strongest).parts.map(Math.abs);
      view.sheet = sizes.indexOf(Math.max(...sizes)); // the map that adds most to it
    }
  }
  writeTable(view);
}
