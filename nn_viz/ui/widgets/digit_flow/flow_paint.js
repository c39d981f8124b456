// Painting the flow of a digit through the network on one canvas.
import { clearedPen, smallPicture } from "../../live/canvas.js";
import { ramp, role, shadeOf } from "../../live/palette.js";
import { FULL_SCALE, MISSING } from "../../live/wire.js";
import { FLOW } from "./flow_layout.js";
import { cellAt, paintSight, sameCell } from "./flow_patch.js";
import { paintPaths } from "./flow_paths.js";
import { flowRamp, isSilent, layerValues, silentUnit } from "./flow_units.js";
import { flowWeights, paintAnswers, paintWeights } from "./flow_weights.js";

/** @import { Unit, View } from "./digit_flow.js" */
/** @import { Column } from "./flow_layout.js" */

/** @type {(view: View) => void} */
export function paintFlow(view) {
  const { canvas, message, layout, theme, ratio } = view;
  const { header } = message;
  const pen = clearedPen(canvas, ratio);
  pen.imageSmoothingEnabled = false;
  layout.columns.forEach((column, i) => {
    const words = column.layer < 0 ? header.first : header.layers[column.layer].title;
    pen.textAlign = "left";
    pen.fillStyle = theme.text;
    pen.font = `600 12.5px ${theme.font}`;
    titleLines(pen, words, column.width + layout.gap - 12).forEach((text, n) =>
      pen.fillText(text, column.x, 13 + n * 15),
    );
    if (i > 0) arrow(pen, column.x - layout.gap / 2, layout.top + layout.body / 2, role("muted", theme.dark));
    if (column.picture) paintWeights(view, pen, column);
    if (column.kind === "outputs") paintBars(view, pen, column);
    else if (column.picture) paintAnswers(view, pen, column);
    else paintUnits(view, pen, column);
    foot(view, pen, column);
  });
  paintPaths(view, pen);
  const marked = view.hover ?? (view.focused ? view.active : null);
  if (marked) mark(view, pen, marked, theme.text);
  if (view.picked) mark(view, pen, { layer: view.picked[0], unit: view.picked[1] }, theme.accent);
  if (view.cell) paintSight(view, pen, view.cell, theme.accent);
  const cell = cellAt(view, view.hover);
  if (cell && !sameCell(cell, view.cell)) paintSight(view, pen, cell, theme.text);
}

// At most two lines, cut with an ellipsis.
/** @type {(pen: Pen, words: string, maxWidth: number) => string[]} */
function titleLines(pen, words, maxWidth) {
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (pen.measureText(longer).width <= maxWidth || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > 2 ? [lines[0], `${lines[1]} \u2026`] : lines;
}

/** @type {(pen: Pen, x: number, y: number, colour: string) => void} */
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

/** @type {(view: View, pen: Pen, column: Column) => void} */
function paintUnits(view, pen, column) {
  const { data, shape, limit } = layerValues(view.message, column.layer);
  const { signed, end, colours } = flowRamp(view, column.layer);
  const [height, width] = column.kind === "neurons" ? [1, 1] : shape.slice(-2);
  const count = column.tiles.length;
  const factor = limit / end / FULL_SCALE;
  const atlas = smallPicture(width, height * count, (pixels) => {
    for (let i = 0; i < pixels.length; i++) {
      pixels[i] = data[i] === MISSING ? 0 : colours.pixels[shadeOf(data[i] * factor, signed)];
    }
  });
  /** @type {(value: number) => number} */
  const snap = (value) => Math.round(value * view.ratio) / view.ratio;
  column.tiles.forEach((tile, unit) => {
    const [x, y, side] = [snap(column.x + tile.x), snap(view.layout.top + tile.y), snap(column.side)];
    if (column.layer >= 0 && isSilent(view.message, column.layer, unit)) return silentUnit(view, pen, x, y, side, side);
    pen.drawImage(atlas, 0, unit * height, width, height, x, y, side, side);
    pen.strokeStyle = view.theme.dark ? "#ffffff2e" : "#00000030";
    pen.lineWidth = 1 / view.ratio;
    pen.strokeRect(x, y, side, side);
  });
}

/** @type {(view: View, pen: Pen, column: Column) => void} */
function paintBars({ message, theme, layout }, pen, column) {
  const { header } = message;
  const { data, limit } = layerValues(message, column.layer);
  const values = [...data].map((q) => (q === MISSING ? 0 : Math.max(0, (q / FULL_SCALE) * limit)));
  const winner = values.indexOf(Math.max(...values));
  const names = header.classNames ?? values.map((_, i) => String(i));
  const nameWidth = Math.min(70, Math.max(14, ...names.map((name) => name.length * 7)));
  const start = column.picture ? column.picture + 8 : 0;
  const length = column.width - start - nameWidth - 52;
  column.tiles.forEach((tile, i) => {
    const [x, y] = [column.x + start, layout.top + tile.y];
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
    pen.fillText(`${(values[i] * 100).toFixed(1)} %`, column.x + column.width, middle);
    if (i === header.trueLabel) {
      pen.strokeStyle = theme.text;
      pen.lineWidth = 1.5;
      pen.strokeRect(x + nameWidth - 2.5, middle - 8.5, length + 5, 17);
    }
    pen.textBaseline = "alphabetic";
  });
}

// Under a column: what its colours mean, from the scale's one end to the other.
/** @type {(view: View, pen: Pen, column: Column) => void} */
function foot(view, pen, column) {
  const { message, theme, layout } = view;
  const { header } = message;
  /** @type {[words: string, colours?: RampName][]} */
  const lines = [];
  if (column.layer < 0) lines.push(["ink 0 to 1", "ink"]);
  else if (column.kind === "outputs") lines.push([header.trueLabel === null ? "" : "outlined: the true class"]);
  else {
    const { signed, end, clipped } = header.layers[column.layer];
    const range = `${signed ? `\u2212${end} to ` : "0 to "}${clipped ? "\u2265 " : ""}${end}`;
    lines.push([column.picture ? `answer ${range}` : range, signed ? "diverging" : "sequential"]);
  }
  const weights = column.picture ? flowWeights(view)?.header.layers[column.layer] : null;
  if (weights) {
    const [least, most] = weights.clipped ? ["\u2264 ", "\u2265 "] : ["", ""];
    lines.push([`weight ${least}\u2212${weights.end} to ${most}${weights.end}`, "diverging"]);
  }
  if (header.weights && column.kind === "neurons" && !column.picture)
    lines.push(["click one: its weights stand below"]);
  const shown = lines.filter(([words]) => words);
  pen.font = `11px ${theme.font}`;
  pen.textAlign = "left";
  shown.forEach(([words, colours], n) => {
    const y = layout.top + layout.body + 15 + n * FLOW.foot;
    if (colours) swatch(pen, ramp(colours, theme.dark).stops, column.x, y - 8);
    pen.fillStyle = role("muted", theme.dark);
    pen.fillText(words, column.x + (colours ? 30 : 0), y);
  });
}

/** @type {(pen: Pen, stops: string[], x: number, y: number) => void} */
function swatch(pen, stops, x, y) {
  const colours = pen.createLinearGradient(x, 0, x + 25, 0);
  stops.forEach((stop, i) => colours.addColorStop(i / (stops.length - 1), stop));
  pen.fillStyle = colours;
  pen.fillRect(x, y, 25, 8);
}

/** @type {(view: View, pen: Pen, unit: Unit, colour: string) => void} */
function mark({ layout }, pen, { layer, unit }, colour) {
  const column = layout.columns.find((candidate) => candidate.layer === layer);
  const tile = column?.tiles[unit];
  if (!tile) return;
  pen.strokeStyle = colour;
  pen.lineWidth = 2.5;
  const rim = column.kind === "outputs" ? 0.5 : 2; // answers stand close together
  pen.strokeRect(column.x + tile.x - 2, layout.top + tile.y - rim, column.wide + 4, column.side + 2 * rim);
}
