// What one cell of a map sees and, for the filters on the picture, its whole sum: in grids of values and in sentences.
import { written } from "../../live/numbers.js";
import { FULL_SCALE } from "../../live/wire.js";
import { patchOf } from "./flow_patch.js";
import { layerValues } from "./flow_units.js";
import { flowWeights } from "./flow_weights.js";

/** @import { FlowCell, View } from "./digit_flow.js" */

/**
 * @typedef {{ title: string, sign: string, name: string, rows: number, columns: number, top: number, left: number,
 *   values: (number | null)[], colours: RampName, end: number }} Grid values side by side; null: none is there
 * @typedef {NonNullable<ReturnType<typeof windowOf>>} FilterWindow
 */

// The window of a filter around a cell: what reaches it (row by row), its weights, the products; null where it has none.
/**
 * @param {View} view
 * @param {FlowCell} cell
 */
export function windowOf(view, { layer, unit, row, column }) {
  const weights = flowWeights(view);
  const filters = weights?.header.filters;
  if (!weights || filters?.layer !== layer) return null;
  const { kernels, biases } = weights.arrays;
  if (!kernels || !biases) return null;
  const [, k] = kernels.shape;
  const below = layerValues(view.message, layer - 1);
  const [height, width] = below.shape.slice(-2);
  const [top, left] = [row * filters.stride - filters.padding, column * filters.stride - filters.padding];
  const inputs = Array.from({ length: k * k }, (_, i) => {
    const [r, c] = [top + Math.floor(i / k), left + (i % k)];
    const inside = r >= 0 && c >= 0 && r < height && c < width;
    return inside ? (below.data[r * width + c] / FULL_SCALE) * below.limit : null; // null: the border of zeros
  });
  const own = Array.from(kernels.data.subarray(unit * k * k, (unit + 1) * k * k));
  const products = own.map((weight, i) => weight * (inputs[i] ?? 0));
  const total = products.reduce((sum, product) => sum + product, 0);
  return { k, top, left, inputs, weights: own, products, total, bias: biases.data[unit], filters };
}

// What stands in the box: grids of values with what joins them, and sentences.
/** @type {(view: View, cell: FlowCell) => { grids: Grid[], sentences: string[] }} */
export function closerContent(view, cell) {
  const { header, arrays } = view.message;
  const size = arrays.input.shape[1];
  const patch = patchOf(header.layers[cell.layer].sees, cell.row, cell.column);
  const [rows, columns] = [patch.bottom - patch.top, patch.right - patch.left];
  const pixels = Array.from({ length: rows * columns }, (_, i) => {
    return arrays.input.data[(patch.top + Math.floor(i / columns)) * size + patch.left + (i % columns)] / FULL_SCALE;
  });
  /** @type {Grid} */
  const seen = {
    title: "what it sees",
    sign: "",
    name: "pixel",
    rows,
    columns,
    values: pixels,
    colours: "ink",
    end: 1,
    top: patch.top,
    left: patch.left,
  };
  const sentences = [
    `This cell sees ${rows} \u00d7 ${columns} = ${rows * columns} pixels of ${header.first}: rows ${patch.top + 1} to ${patch.bottom}, columns ${patch.left + 1} to ${patch.right}.`,
  ];
  const found = windowOf(view, cell);
  if (!found) return { grids: [seen], sentences };
  const { k, top, left } = found;
  /** @type {(values: (number | null)[]) => number} */
  const ownEnd = (values) => Math.max(...values.map((value) => Math.abs(value ?? 0))) || 1;
  const grid = { rows: k, columns: k, top, left };
  const onPicture = cell.layer === 0;
  /** @type {Grid} */
  const reaches = onPicture
    ? { ...grid, title: "what it sees", sign: "", name: "pixel", values: found.inputs, colours: "ink", end: 1 }
    : {
        ...grid,
        title: "what reaches it",
        sign: "",
        name: "input",
        values: found.inputs,
        colours: "sequential",
        end: ownEnd(found.inputs),
      };
  /** @type {Grid[]} */
  const grids = [
    ...(onPicture ? [] : [seen]),
    reaches,
    {
      ...grid,
      title: "weights",
      sign: "\u00d7",
      name: "weight of",
      values: found.weights,
      colours: "diverging",
      end: ownEnd(found.weights),
    },
    {
      ...grid,
      title: "products",
      sign: "=",
      name: "product at",
      values: found.products,
      colours: "diverging",
      end: ownEnd(found.products),
    },
  ];
  return { grids, sentences: [...sentences, ...sumSentences(view, cell, found)] };
}

/** @type {(view: View, cell: FlowCell, found: FilterWindow) => string[]} */
function sumSentences({ weights, message }, { layer, unit, row, column }, { total, bias, inputs, filters }) {
  const { data, shape, limit } = layerValues(message, layer);
  const [height, width] = shape.slice(-2);
  const shown = (data[(unit * height + row) * width + column] / FULL_SCALE) * limit;
  const sum = total + bias;
  const lines = [`The products together ${written(total)}, the bias ${written(bias)}: the sum is ${written(sum)}.`];
  if (inputs.includes(null)) lines.push("The hatched border is no part of the picture: it counts as 0.");
  // While the pen moves during a training, the weights are those of a moment ago.
  if (weights?.header.step === message.header.step) {
    const same = Math.abs(shown - sum) < 2e-3 + (2 * limit) / FULL_SCALE;
    lines.push(
      same
        ? "The map shows this sum."
        : `${filters.activation} makes it ${written(shown, shown < 0)}, and the map shows that.`,
    );
  }
  return lines;
}
