// What a flow says: of the unit or cell that is pointed at, of the answer, of what its little pictures are.
import { written } from "../../live/numbers.js";
import { FULL_SCALE, MISSING } from "../../live/wire.js";
import { closerContent } from "./flow_sum.js";
import { isSilent, layerValues } from "./flow_units.js";
import { weightWords } from "./flow_weights.js";

/** @import { FlowCell, Message, Unit, View } from "./digit_flow.js" */

// "conv 8 × 3×3 · map 3 · row 4, column 12 · 0.731"
/** @type {(view: View, place: Unit & { u?: number, v?: number, on?: "weights" | "answer" }) => string} */
export function unitWords(view, { layer, unit, u = NaN, v = NaN, on = "answer" }) {
  const { message } = view;
  const { data, shape, limit } = layerValues(message, layer);
  /** @type {(at: number) => string} */
  const value = (at) =>
    data[at] === MISSING
      ? "no value"
      : written((data[at] / FULL_SCALE) * limit, layer >= 0 && message.header.layers[layer].signed);
  if (layer >= 0) {
    const { title, kind } = message.header.layers[layer];
    const weight = on === "weights" ? weightWords(view, { layer, unit, u, v }) : "";
    const more = weight && ` \u00b7 ${weight}`;
    if (kind === "outputs") {
      const name = message.header.classNames?.[unit] ?? unit;
      return `${title} \u00b7 ${name} \u00b7 ${((data[unit] / FULL_SCALE) * limit * 100).toFixed(1)} %${unit === message.header.trueLabel ? " \u00b7 the true class" : ""}${more}`;
    }
    const silent = isSilent(message, layer, unit) ? " \u00b7 silent" : "";
    if (kind === "neurons") return `${title} \u00b7 neuron ${unit + 1} \u00b7 ${value(unit)}${silent}${more}`;
    if (Number.isNaN(u)) return `${title} \u00b7 map ${unit + 1}${silent}`;
  }
  const [height, width] = shape.slice(-2);
  const [row, column] = [Math.floor(v * height), Math.floor(u * width)];
  const head = layer < 0 ? message.header.first : `${message.header.layers[layer].title} \u00b7 map ${unit + 1}`;
  return `${head} \u00b7 row ${row + 1}, column ${column + 1} \u00b7 ${value((unit * height + row) * width + column)}`;
}

// For the ear: a cell's place and value first, then what it sees.
/** @type {(view: View, cell: FlowCell) => string} */
export function cellWords(view, cell) {
  const { layer, unit, row, column } = cell;
  const { data, shape, limit } = layerValues(view.message, layer);
  const [height, width] = shape.slice(-2);
  const value = (data[(unit * height + row) * width + column] / FULL_SCALE) * limit;
  const signed = view.message.header.layers[layer].signed;
  return `Map ${unit + 1}, row ${row + 1}, column ${column + 1}: ${written(value, signed)}. ${closerContent(view, cell).sentences.join(" ")}`;
}

/** @type {(message: Message) => string} */
export function answer(message) {
  const layer = message.header.layers.findIndex(({ kind }) => kind === "outputs");
  if (layer < 0) return "";
  const { data, limit } = layerValues(message, layer);
  const winner = data.indexOf(Math.max(...data));
  const names = message.header.classNames;
  return `The answer: ${names ? names[winner] : winner}, ${((data[winner] / FULL_SCALE) * limit * 100).toFixed(0)} percent.`;
}

// Below the flow: what the unit that is pointed at adds up; otherwise what there is to see.
/** @type {(view: View) => string} */
export function flowNote(view) {
  const { layers, paths } = view.message.header;
  if (paths && String(paths.of) === String(view.pointed)) return paths.words;
  const notes = [];
  if (layers.some(({ kind, sees }) => kind === "maps" && sees.length)) {
    notes.push(
      `Point at a cell of a map: the frame on ${view.message.header.first} is all that it sees. Click it to look closer.`,
    );
  }
  if (layers.some(({ kind, pictured }) => kind === "neurons" && pictured)) {
    notes.push(
      "Each little picture is a neuron's weights: orange counts for it, blue against. The bar beside it is its answer.",
    );
  } else if (layers.some(({ pictured }) => pictured)) {
    notes.push("The little picture beside each answer is its weights: orange counts for it, blue against.");
  }
  return notes.join(" ");
}
