// Painting a digit's way through the network on one canvas.

function paintFlow(view) {
  const { canvas, message, layout, theme, ratio } = view;
  const { header } = message;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = false;
  layout.columns.forEach((column, i) => {
    const words = column.layer < 0 ? header.first : header.layers[column.layer].title;
    pen.textAlign = "left";
    pen.fillStyle = theme.text;
    pen.font = `600 12.5px ${theme.font}`;
    titleLines(pen, words, column.width + layout.gap - 12).forEach((text, n) => pen.fillText(text, column.x, 13 + n * 15));
    if (i > 0) arrow(pen, column.x - layout.gap / 2, FLOW.top + FLOW.body / 2, role("muted", theme.dark));
    if (column.kind === "outputs") paintBars(view, pen, column);
    else paintUnits(view, pen, column);
    foot(view, pen, column);
  });
  paintWays(view, pen);
  const marked = view.hover ?? (view.focused ? view.active : null);
  if (marked) mark(view, pen, marked, theme.text);
  if (view.picked) mark(view, pen, { layer: view.picked[0], unit: view.picked[1] }, theme.accent);
}

// At most two lines, cut with an ellipsis.
function titleLines(pen, words, room) {
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (pen.measureText(longer).width <= room || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > 2 ? [lines[0], `${lines[1]} \u2026`] : lines;
}

function arrow(pen, x, y, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x - 7, y);
  pen.lineTo(x + 6, y);
  pen.moveTo(x + 2, y - 4);
  pen.lineTo(x + 6, y);
  pen.lineTo(x + 2, y + 4);
  pen.stroke();
}

function layerValues({ arrays }, layer) {
  return layer < 0 ? { ...arrays.input, limit: 1 } : { ...arrays[`layer${layer}`], limit: arrays.limits.data[layer] };
}

function flowRamp({ message, theme }, layer) {
  if (layer < 0) return { signed: false, end: 1, colours: ramp("ink", theme.dark) };
  const { signed, end } = message.header.layers[layer];
  return { signed, end, colours: ramp(signed ? "diverging" : "sequential", theme.dark) };
}

function paintUnits(view, pen, column) {
  const { data, shape, limit } = layerValues(view.message, column.layer);
  const { signed, end, colours } = flowRamp(view, column.layer);
  const [height, width] = column.kind === "neurons" ? [1, 1] : shape.slice(-2);
  const count = column.tiles.length;
  const atlas = new OffscreenCanvas(width, height * count);
  const image = new ImageData(width, height * count);
  const pixels = new Uint32Array(image.data.buffer);
  const factor = limit / end / FULL_SCALE;
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = data[i] === MISSING ? 0 : colours.pixels[shadeOf(data[i] * factor, signed)];
  }
  atlas.getContext("2d").putImageData(image, 0, 0);
  const snap = (value) => Math.round(value * view.ratio) / view.ratio;
  column.tiles.forEach((tile, unit) => {
    const [x, y, side] = [snap(column.x + tile.x), snap(FLOW.top + tile.y), snap(column.side)];
    if (column.layer >= 0 && isSilent(view.message, column.layer, unit)) return silentUnit(view, pen, x, y, side);
    pen.drawImage(atlas, 0, unit * height, width, height, x, y, side, side);
    pen.strokeStyle = view.theme.dark ? "#ffffff2e" : "#00000030";
    pen.lineWidth = 1 / view.ratio;
    pen.strokeRect(x, y, side, side);
  });
}

// A unit is silent when nothing in it is positive and its layer never answers below zero.
function isSilent(message, layer, unit) {
  const { data, shape } = layerValues(message, layer);
  if (message.header.layers[layer].signed || message.header.layers[layer].kind === "outputs") return false;
  const size = data.length / shape[0];
  for (let i = unit * size; i < (unit + 1) * size; i++) if (data[i] > 0) return false;
  return true;
}

// Hollow, with a stroke through it: no colour of the ramp looks like this.
function silentUnit({ theme }, pen, x, y, side) {
  pen.strokeStyle = role("silent", theme.dark);
  pen.lineWidth = 1;
  pen.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  pen.beginPath();
  pen.moveTo(x + side * 0.3, y + side * 0.7);
  pen.lineTo(x + side * 0.7, y + side * 0.3);
  pen.stroke();
}

function paintBars({ message, theme }, pen, column) {
  const { header } = message;
  const { data, limit } = layerValues(message, column.layer);
  const values = [...data].map((q) => (q === MISSING ? 0 : Math.max(0, (q / FULL_SCALE) * limit)));
  const winner = values.indexOf(Math.max(...values));
  const names = header.classNames ?? values.map((_, i) => String(i));
  const nameWidth = Math.min(70, Math.max(14, ...names.map((name) => name.length * 7)));
  const length = column.width - nameWidth - 52;
  column.tiles.forEach((tile, i) => {
    const [x, y] = [column.x, FLOW.top + tile.y];
    const middle = y + column.side / 2;
    pen.textBaseline = "middle";
    pen.font = `${i === winner ? 700 : 400} 13px ${theme.font}`;
    pen.fillStyle = theme.text;
    pen.textAlign = "left";
    pen.fillText(names[i], x, middle, nameWidth - 4);
    pen.fillStyle = theme.dark ? "#ffffff14" : "#00000010";
    pen.fillRect(x + nameWidth, middle - 6, length, 12);
    pen.fillStyle = i === winner ? theme.accent : role("train", theme.dark);
    pen.fillRect(x + nameWidth, middle - 6, Math.max(values[i] > 0.002 ? 1 : 0, values[i] * length), 12);
    pen.fillStyle = theme.text;
    pen.textAlign = "right";
    pen.fillText(`${(values[i] * 100).toFixed(1)} %`, x + column.width, middle);
    if (i === header.trueLabel) {
      pen.strokeStyle = theme.text;
      pen.lineWidth = 1.5;
      pen.strokeRect(x + nameWidth - 2.5, middle - 8.5, length + 5, 17);
    }
    pen.textBaseline = "alphabetic";
  });
}

function foot({ message, theme }, pen, column) {
  const y = FLOW.top + FLOW.body + 15;
  pen.font = `11px ${theme.font}`;
  pen.fillStyle = role("muted", theme.dark);
  pen.textAlign = "left";
  const { header } = message;
  let words = "ink";
  if (column.kind === "outputs") words = header.trueLabel === null ? "" : "outlined: the true class";
  else if (column.layer >= 0) {
    const { signed, end, clipped } = header.layers[column.layer];
    words = `${signed ? `\u2212${end} to ` : "0 to "}${clipped ? "\u2265 " : ""}${end}`;
  }
  pen.fillText(words, column.x, y);
}

function mark({ layout }, pen, { layer, unit }, colour) {
  const column = layout.columns.find((candidate) => candidate.layer === layer);
  const tile = column?.tiles[unit];
  if (!tile) return;
  pen.strokeStyle = colour;
  pen.lineWidth = 2.5;
  const wide = column.kind === "outputs" ? column.width : column.side;
  pen.strokeRect(column.x + tile.x - 2, FLOW.top + tile.y - 2, wide + 4, column.side + 4);
}
