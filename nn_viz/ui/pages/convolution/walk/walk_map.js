// The one mapping between the cells of a map and the cells that a walking window sees: animation, hover and tests share
// it. Pure: numbers in, numbers out. A setting is { kernel, stride, padding, dilation }, the same along both axes.

// Cells along a side between the window's first and last one, both counted: a dilated window has gaps.
export const windowSpan = ({ kernel, dilation }) => (kernel - 1) * dilation + 1;

// How many steps the window takes along an axis of so many cells; 0 where it does not fit.
function stepsAlong(size, setting) {
  const room = size + 2 * setting.padding - windowSpan(setting);
  return room < 0 ? 0 : Math.floor(room / setting.stride) + 1;
}

// The cells along an axis under the window at one step; those below 0 or beyond the end are the border of zeros.
const cellsUnder = (step, { kernel, stride, padding, dilation }) =>
  Array.from({ length: kernel }, (_, i) => step * stride - padding + i * dilation);

// The steps along an axis of so many cells at which the window lies on a cell.
function stepsOver(cell, size, setting) {
  const over = [];
  for (let step = 0; step < stepsAlong(size, setting); step++) {
    if (cellsUnder(step, setting).includes(cell)) over.push(step);
  }
  return over;
}

// The whole walk over height x width cells: its map's shape, and both directions of the mapping, in two dimensions.
export function walkOver(height, width, setting) {
  const [rows, columns] = [stepsAlong(height, setting), stepsAlong(width, setting)];
  return {
    rows,
    columns,
    count: rows * columns,
    // What step number `index` (row by row) sees: k x k places, row by row; `inside` is false on the border of zeros.
    patch(index) {
      const down = cellsUnder(Math.floor(index / columns), setting);
      const across = cellsUnder(index % columns, setting);
      const inside = (row, column) => row >= 0 && column >= 0 && row < height && column < width;
      return down.flatMap((row) => across.map((column) => ({ row, column, inside: inside(row, column) })));
    },
    // The numbers of the steps that see a cell.
    over(row, column) {
      const across = stepsOver(column, width, setting);
      return stepsOver(row, height, setting).flatMap((step) => across.map((other) => step * columns + other));
    },
  };
}

// What reaches one step, channel by channel: arrays of k x k numbers. `input`: { data, shape: [channels, height, width] }.
function inputsAt(walk, input, index) {
  const [channels, height, width] = input.shape;
  const patch = walk.patch(index);
  return Array.from({ length: channels }, (_, c) =>
    patch.map(({ row, column, inside }) => (inside ? input.data[(c * height + row) * width + column] : 0)),
  );
}

const ACTIVATIONS = {
  relu: (sum) => Math.max(0, sum),
  tanh: Math.tanh,
  sigmoid: (sum) => 1 / (1 + Math.exp(-sum)),
  linear: (sum) => sum,
};
const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

// One step in full. A filter multiplies and adds; pooling takes the largest or the mean of what is inside its tile.
// `operation`: { op: "filter" | "max" | "mean", weights: { data }, bias, activation }.
export function stepAt(walk, input, { op, weights, bias, activation }, index) {
  const inputs = inputsAt(walk, input, index);
  if (op !== "filter") {
    const [values] = inputs;
    const winner = op === "max" ? values.indexOf(Math.max(...values)) : null;
    const sum = op === "max" ? values[winner] : total(values) / values.length;
    return { inputs, products: [values], parts: [sum], sum, result: sum, winner };
  }
  const size = inputs[0].length;
  const products = inputs.map((values, c) => values.map((value, i) => value * weights.data[c * size + i]));
  const parts = products.map(total);
  const sum = total(parts) + bias;
  return { inputs, products, parts, sum, result: ACTIVATIONS[activation](sum), winner: null };
}

// The whole map, before the activation and after it.
export function wholeMap(walk, input, operation) {
  const steps = Array.from({ length: walk.count }, (_, index) => stepAt(walk, input, operation, index));
  return { sums: steps.map(({ sum }) => sum), results: steps.map(({ result }) => result) };
}
