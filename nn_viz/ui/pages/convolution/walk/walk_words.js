// What a walk says: the step in words, its products and their sum written out, what is pointed at.
import { windowSpan } from "./walk_map.js";

/** @import { View } from "./walk.js" */
/** @import { Cell } from "./walk_layout.js" */
/** @import { Step } from "./walk_map.js" */

// Short for a cell: two decimals at most, a real minus sign. 0.333333 -> "0.33", -2 -> "−2".
/** @type {(value: number) => string} */
export function brief(value) {
  const text = String(Number(Math.abs(value).toFixed(Math.abs(value) >= 10 ? 1 : 2)));
  return value < 0 && text !== "0" ? `\u2212${text}` : text;
}

// A number behind a times sign stands in brackets where it has a sign of its own.
/** @type {(value: number) => string} */
const factor = (value) => (value < 0 ? `(${brief(value)})` : brief(value));

/** @type {(from: number, to: number) => string} */
const cells = (from, to) => (from === to ? `${from}` : `${from} to ${to}`);

// "Step 3 of 9: rows 1 to 3, columns 3 to 5. The result is row 1, column 3 of the map."
/** @type {(view: View, index: number) => string} */
export function stepWords({ walk, setting, message }, index) {
  const patch = walk.patch(index);
  const inside = patch.filter((cell) => cell.inside);
  const [first, last] = [inside[0], inside[inside.length - 1]];
  const where = first
    ? `rows ${cells(first.row + 1, last.row + 1)}, columns ${cells(first.column + 1, last.column + 1)}`
    : "nothing";
  const gaps = setting.dilation > 1 ? `, every ${["", "", "second", "third"][setting.dilation]} cell` : "";
  const over = inside.length < patch.length ? ` and ${first ? "part of " : ""}the border of zeros` : "";
  const [row, column] = [Math.floor(index / walk.columns) + 1, (index % walk.columns) + 1];
  return `Step ${index + 1} of ${walk.count}: ${where} of ${message.header.first}${gaps}${over}. It gives row ${row}, column ${column} of the map.`;
}

// The products and their sum; where the filter reads several maps, what each of them adds.
/** @type {(view: View, step: Step, finished?: boolean) => string} */
export function sumWords({ message, operation, cells: { shape }, sheet }, step, finished = true) {
  const { header } = message;
  if (!finished) return "\u2026"; // the sum is still being made
  if (operation.op !== "filter") {
    const list = step.inputs[0].map(brief).join(", ");
    return `The ${operation.op === "max" ? "largest" : "mean"} of ${list} is ${brief(step.sum)}`;
  }
  const bias = header.bias ? `${header.bias < 0 ? " \u2212 " : " + "}${brief(Math.abs(header.bias))} (bias)` : "";
  const activation = operation.activation === "linear" ? "" : ` \u2192 ${header.activationName}: ${brief(step.result)}`;
  if (shape[0] === 1) {
    const products = step.inputs[0].map((value, i) => `${factor(value)}\u00b7${factor(operation.weights.data[i])}`);
    return `${products.join(" + ")}${bias} = ${brief(step.sum)}${activation}`;
  }
  const most = 12;
  const parts = step.parts.map((part, c) => [c, part]).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const rest = parts.slice(most).reduce((sum, [, part]) => sum + part, 0);
  const named = parts.slice(0, most).map(([c, part]) => `${header.names[c]}: ${brief(part)}`);
  const others = parts.length > most ? `, ${parts.length - most} more: ${brief(rest)}` : "";
  return `${header.names[sheet][0].toUpperCase()}${header.names[sheet].slice(1)} is written out above. All together: ${named.join(", ")}${others}${bias} = ${brief(step.sum)}${activation}`;
}

/** @type {(view: View, place: Cell) => string} */
export function pixelWords({ walk, cells: { data, shape }, message }, { channel, row, column }) {
  const [, height, width] = shape;
  const inside = row >= 0 && column >= 0 && row < height && column < width;
  const over = walk.over(row, column).length;
  const part = `takes part in ${over} result${over === 1 ? "" : "s"}`;
  if (!inside) return `border of zeros \u00b7 ${part}`;
  const name = message.header.names.length > 1 ? `${message.header.names[channel]} \u00b7 ` : "";
  return `${name}row ${row + 1}, column ${column + 1} \u00b7 ${brief(data[(channel * height + row) * width + column])} \u00b7 ${part}`;
}

/** @type {(view: View, index: number) => string} */
export const resultWords = ({ walk, values }, index) =>
  `row ${Math.floor(index / walk.columns) + 1}, column ${(index % walk.columns) + 1} \u00b7 ${brief(values[index])}`;

// Why there is no walk.
/** @type {(view: View) => string} */
export function noRoomWords({ setting, cells: { shape } }) {
  const [span, size] = [windowSpan(setting), shape[1] + 2 * setting.padding];
  const wide =
    setting.dilation > 1 ? `The spread-out filter is ${span} cells wide` : `The filter is ${span} cells wide`;
  return `${wide}, the picture with its border only ${size}. Take a larger picture, a smaller filter, more padding or less dilation.`;
}
