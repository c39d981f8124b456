// The one mapping between the cells of a map and the cells that a walking window sees: animation, hover and tests share
// it. Pure: numbers in, numbers out.

/**
 * @typedef {{ kernel: number, stride: number, padding: number, dilation: number }} Setting the same along both axes
 * @typedef {{ data: ArrayLike<number>, shape: number[] }} Cells shape: [channels, height, width]
 * @typedef {{ row: number, column: number, inside: boolean }} Place `inside` is false on the border of zeros
 * @typedef {"relu" | "tanh" | "sigmoid" | "linear"} Activation
 *
 * @typedef {object} Operation a filter multiplies and adds; pooling takes the largest or the mean inside its tile
 * @property {"filter" | "max" | "mean"} op
 * @property {{ data: ArrayLike<number> }} weights
 * @property {number} bias
 * @property {Activation} activation
 *
 * @typedef {object} Walk
 * @property {number} rows of the map
 * @property {number} columns
 * @property {number} count steps
 * @property {(index: number) => Place[]} patch what a step (row by row) sees: k x k places, row by row
 * @property {(row: number, column: number) => number[]} over the steps that see a cell
 *
 * @typedef {object} Step
 * @property {number[][]} inputs what reaches it, k x k numbers a channel
 * @property {number[][]} products
 * @property {number[]} parts what each channel adds
 * @property {number} sum
 * @property {number} result after the activation
 * @property {number | null} winner of its tile
 */

/**
 * Cells along a side between the window's first and last one, both counted: a dilated window has gaps.
 * @type {(setting: { kernel: number, dilation: number }) => number}
 */
export const windowSpan = ({ kernel, dilation }) => (kernel - 1) * dilation + 1;

/**
 * How many steps the window takes along an axis of so many cells; 0 where it does not fit.
 * @type {(size: number, setting: Setting) => number}
 */
function stepsAlong(size, setting) {
  const lastStart = size + 2 * setting.padding - windowSpan(setting);
  return lastStart < 0 ? 0 : Math.floor(lastStart / setting.stride) + 1;
}

/**
 * The cells along an axis under the window at one step; those below 0 or beyond the end are the border of zeros.
 * @type {(step: number, setting: Setting) => number[]}
 */
const cellsUnder = (step, { kernel, stride, padding, dilation }) =>
  Array.from({ length: kernel }, (_, i) => step * stride - padding + i * dilation);

/**
 * The steps along an axis of so many cells at which the window lies on a cell.
 * @type {(cell: number, size: number, setting: Setting) => number[]}
 */
function stepsOver(cell, size, setting) {
  const over = [];
  for (let step = 0; step < stepsAlong(size, setting); step++) {
    if (cellsUnder(step, setting).includes(cell)) over.push(step);
  }
  return over;
}

/**
 * The whole walk over height x width cells: its map's shape, and both directions of the mapping, in two dimensions.
 * @type {(height: number, width: number, setting: Setting) => Walk}
 */
export function walkOver(height, width, setting) {
  const [rows, columns] = [stepsAlong(height, setting), stepsAlong(width, setting)];
  return {
    rows,
    columns,
    count: rows * columns,
    patch(index) {
      const down = cellsUnder(Math.floor(index / columns), setting);
      const across = cellsUnder(index % columns, setting);
      /** @type {(row: number, column: number) => boolean} */
      const inside = (row, column) => row >= 0 && column >= 0 && row < height && column < width;
      return down.flatMap((row) => across.map((column) => ({ row, column, inside: inside(row, column) })));
    },
    over(row, column) {
      const across = stepsOver(column, width, setting);
      return stepsOver(row, height, setting).flatMap((step) => across.map((other) => step * columns + other));
    },
  };
}

/** @type {(walk: Walk, input: Cells, index: number) => number[][]} */
function inputsAt(walk, input, index) {
  const [channels, height, width] = input.shape;
  const patch = walk.patch(index);
  return Array.from({ length: channels }, (_, c) =>
    patch.map(({ row, column, inside }) => (inside ? input.data[(c * height + row) * width + column] : 0)),
  );
}

/** @type {Record<Activation, (sum: number) => number>} */
const ACTIVATIONS = {
  relu: (sum) => Math.max(0, sum),
  tanh: Math.tanh,
  sigmoid: (sum) => 1 / (1 + Math.exp(-sum)),
  linear: (sum) => sum,
};

/** @type {(numbers: number[]) => number} */
const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

/**
 * One step in full.
 * @type {(walk: Walk, input: Cells, operation: Operation, index: number) => Step}
 */
export function stepAt(walk, input, { op, weights, bias, activation }, index) {
  const inputs = inputsAt(walk, input, index);
  if (op !== "filter") {
    const [values] = inputs;
    const winner = op === "max" ? values.indexOf(Math.max(...values)) : null;
    const sum = winner === null ? total(values) / values.length : values[winner];
    return { inputs, products: [values], parts: [sum], sum, result: sum, winner };
  }
  const size = inputs[0].length;
  const products = inputs.map((values, c) => values.map((value, i) => value * weights.data[c * size + i]));
  const parts = products.map(total);
  const sum = total(parts) + bias;
  return { inputs, products, parts, sum, result: ACTIVATIONS[activation](sum), winner: null };
}

/**
 * The whole map, before the activation and after it.
 * @type {(walk: Walk, input: Cells, operation: Operation) => { sums: number[], results: number[] }}
 */
export function wholeMap(walk, input, operation) {
  const steps = Array.from({ length: walk.count }, (_, index) => stepAt(walk, input, operation, index));
  return { sums: steps.map(({ sum }) => sum), results: steps.map(({ result }) => result) };
}
