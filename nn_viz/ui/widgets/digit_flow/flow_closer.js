// Below the flow: one cell looked at closely. The pixels it sees, and for the filters on the picture its whole sum.
const CLOSER = { largest: 34, widest: 190, printed: 25, gap: 30, title: 18 };

function buildCloser(view, onClose) {
  const box = make("div", { className: "closer", hidden: true, role: "group" }, view.root);
  box.setAttribute("aria-label", "One cell, looked at closely");
  const head = make("div", { className: "head" }, box);
  const title = make("strong", {}, head);
  make("button", { className: "close", textContent: "Close", type: "button" }, head).addEventListener("click", onClose);
  const canvas = make("canvas", { role: "img" }, box);
  const words = make("div", { className: "words" }, box);
  const closer = { box, canvas, title, words, grids: [] };
  for (const type of ["pointermove", "click"]) canvas.addEventListener(type, (event) => nameValue(view, event));
  canvas.addEventListener("pointerleave", () => view.tip.hide());
  return closer;
}

// The window of a filter around a cell: what reaches it (row by row), its weights, the products; null where it has none.
function windowOf(view, { layer, unit, row, column }) {
  const weights = flowWeights(view);
  const filters = weights?.header.filters;
  if (filters?.layer !== layer) return null;
  const [, k] = weights.arrays.kernels.shape;
  const below = layerValues(view.message, layer - 1);
  const [height, width] = below.shape.slice(-2);
  const [top, left] = [row * filters.stride - filters.padding, column * filters.stride - filters.padding];
  const inputs = Array.from({ length: k * k }, (_, i) => {
    const [r, c] = [top + Math.floor(i / k), left + (i % k)];
    const inside = r >= 0 && c >= 0 && r < height && c < width;
    return inside ? (below.data[r * width + c] / FULL_SCALE) * below.limit : null; // null: the border of zeros
  });
  const own = Array.from(weights.arrays.kernels.data.subarray(unit * k * k, (unit + 1) * k * k));
  const products = own.map((weight, i) => weight * (inputs[i] ?? 0));
  const total = products.reduce((sum, product) => sum + product, 0);
  return { k, top, left, inputs, weights: own, products, total, bias: weights.arrays.biases.data[unit], filters };
}

// What stands in the box: grids of values with what joins them, and sentences.
function closerContent(view, cell) {
  const { header, arrays } = view.message;
  const size = arrays.input.shape[1];
  const patch = patchOf(header.layers[cell.layer].sees, cell.row, cell.column);
  const [rows, columns] = [patch.bottom - patch.top, patch.right - patch.left];
  const pixels = Array.from({ length: rows * columns }, (_, i) => {
    return arrays.input.data[(patch.top + Math.floor(i / columns)) * size + patch.left + (i % columns)] / FULL_SCALE;
  });
  const seen = { title: "what it sees", sign: "", name: "pixel", rows, columns, values: pixels, colours: "ink", end: 1, top: patch.top, left: patch.left };
  const sentences = [`This cell sees ${rows} \u00d7 ${columns} = ${rows * columns} pixels of ${header.first}: rows ${patch.top + 1} to ${patch.bottom}, columns ${patch.left + 1} to ${patch.right}.`];
  const found = windowOf(view, cell);
  if (!found) return { grids: [seen], sentences };
  const { k, top, left } = found;
  const ownEnd = (values) => Math.max(...values.map(Math.abs)) || 1;
  const grid = { rows: k, columns: k, top, left };
  const onPicture = cell.layer === 0;
  const reaches = onPicture
    ? { ...grid, title: "what it sees", sign: "", name: "pixel", values: found.inputs, colours: "ink", end: 1 }
    : { ...grid, title: "what reaches it", sign: "", name: "input", values: found.inputs, colours: "sequential", end: ownEnd(found.inputs) };
  const grids = [
    ...(onPicture ? [] : [seen]),
    reaches,
    { ...grid, title: "weights", sign: "\u00d7", name: "weight of", values: found.weights, colours: "diverging", end: ownEnd(found.weights) },
    { ...grid, title: "products", sign: "=", name: "product at", values: found.products, colours: "diverging", end: ownEnd(found.products) },
  ];
  return { grids, sentences: [...sentences, ...sumSentences(view, cell, found)] };
}

function sumSentences({ weights, message }, { layer, unit, row, column }, { total, bias, inputs, filters }) {
  const { data, shape, limit } = layerValues(message, layer);
  const [height, width] = shape.slice(-2);
  const shown = (data[(unit * height + row) * width + column] / FULL_SCALE) * limit;
  const sum = total + bias;
  const lines = [`The products together ${written(total)}, the bias ${written(bias)}: the sum is ${written(sum)}.`];
  if (inputs.includes(null)) lines.push("The hatched border is no part of the picture: it counts as 0.");
  // While the pen moves during a training, the weights are those of a moment ago.
  if (weights.header.step === message.header.step) {
    const same = Math.abs(shown - sum) < 2e-3 + (2 * limit) / FULL_SCALE;
    lines.push(same ? "The map shows this sum." : `${filters.activation} makes it ${written(shown, shown < 0)}, and the map shows that.`);
  }
  return lines;
}

function showCloser(view) {
  const { closer, cell } = view;
  if (closer) closer.box.hidden = !cell;
  if (!cell) return;
  const { grids, sentences } = closerContent(view, cell);
  const pen = closer.canvas.getContext("2d");
  pen.font = `12px ${view.theme.font}`;
  layoutGrids(grids, closer.title.parentElement.clientWidth, (text) => pen.measureText(text).width);
  closer.grids = grids;
  const last = grids.at(-1);
  fitCanvas(closer.canvas, last.x + last.wide + 2, CLOSER.title + Math.max(...grids.map(({ rows, side }) => rows * side)) + 2, view.ratio);
  const cells = view.message.header.layers[cell.layer].sees.length;
  closer.title.textContent = unitWords(view, { ...cell, u: (cell.column + 0.5) / cells, v: (cell.row + 0.5) / cells });
  writeNotes(closer.words, sentences);
  closer.canvas.setAttribute("aria-label", sentences.join(" "));
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  pen.clearRect(0, 0, closer.canvas.width, closer.canvas.height);
  grids.forEach((grid) => paintGrid(view, pen, grid));
}

// Side by side, each value as large as the room allows.
function layoutGrids(grids, room, measure) {
  const across = grids.reduce((sum, { columns }) => sum + columns, 0);
  const fitting = (room - CLOSER.gap * (grids.length - 1) - 4) / across;
  let x = 1;
  for (const grid of grids) {
    grid.side = Math.max(3, Math.min(CLOSER.largest, fitting, CLOSER.widest / Math.max(grid.rows, grid.columns)));
    Object.assign(grid, { x, y: CLOSER.title, wide: Math.max(grid.columns * grid.side, measure(grid.title)) });
    x += grid.wide + CLOSER.gap;
  }
}

function paintGrid({ theme, ratio }, pen, { title, sign, x, y, side, rows, columns, values, colours, end }) {
  const { css, ink } = ramp(colours, theme.dark);
  pen.font = `12px ${theme.font}`;
  pen.fillStyle = theme.text;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  pen.fillText(title, x, y - 6);
  pen.font = `600 16px ${theme.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(sign, x - CLOSER.gap / 2, y + (rows * side) / 2);
  pen.font = `${Math.round(Math.min(12, side / 2.4))}px ${theme.font}`;
  const border = values.includes(null) ? hatch(pen, theme, 1) : null;
  values.forEach((value, i) => {
    const [left, top] = [x + (i % columns) * side, y + Math.floor(i / columns) * side];
    const shade = shadeOf((value ?? 0) / end, colours === "diverging");
    pen.fillStyle = value === null ? border : css(shade);
    pen.fillRect(left, top, side + 0.5, side + 0.5);
    if (side < CLOSER.printed || value === null) return;
    pen.fillStyle = ink(shade);
    pen.fillText(Math.abs(value) < 0.005 ? "0.00" : written(value, false).slice(0, value < 0 ? 5 : 4), left + side / 2, top + side * 0.53);
  });
  pen.strokeStyle = theme.dark ? "#ffffff40" : "#00000040";
  pen.lineWidth = 1 / ratio;
  pen.strokeRect(x, y, columns * side, rows * side);
}

// "pixel row 5, column 7 · 0.82" for a point of the canvas, or null.
function closerWords({ grids }, x, y) {
  for (const grid of grids) {
    const [row, column] = [Math.floor((y - grid.y) / grid.side), Math.floor((x - grid.x) / grid.side)];
    if (row < 0 || column < 0 || row >= grid.rows || column >= grid.columns) continue;
    const value = grid.values[row * grid.columns + column];
    const words = value === null ? "outside the picture: 0" : written(value, grid.colours === "diverging");
    return `${grid.name} row ${grid.top + row + 1}, column ${grid.left + column + 1} \u00b7 ${words}`;
  }
  return null;
}

function nameValue({ closer, tip }, event) {
  const { canvas } = closer;
  const place = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - place.left, event.clientY - place.top];
  const words = closerWords(closer, x, y);
  if (words) tip.show(canvas.offsetLeft + x, canvas.offsetTop + y, words);
  else tip.hide();
}
