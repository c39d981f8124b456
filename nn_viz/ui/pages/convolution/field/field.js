// Choose any unit of any layer: its footprint lights up on the picture at once; the measured one follows.
import { chosenNow, isPending } from "../../../live/asking.js";
import { component, NOT_YET, stamp, watchSize } from "../../../live/component.js";
import { choose } from "../../../live/connection.js";
import { make, makeTip, write, writeNotes } from "../../../live/elements.js";
import { themeOf } from "../../../live/palette.js";
import { layoutLayers, middleOf, paintBlock, writeTable } from "./field_layers.js";
import { footprintOf, isSameUnit, measuredFits, paintFootprint, paintMeasured } from "./field_paint.js";

/** @import { Choice } from "../../../live/asking.js" */
/** @import { Field, UnitCell } from "../../../live/messages.js" */
/** @import { Block } from "./field_layers.js" */
/** @typedef {ReturnType<typeof buildField>} View */

const ANSWER_MS = 3000; // the choice stands so long without an answer: the server may first compute a footprint

/** @param {HTMLElement} root */
function buildField(root) {
  root.setAttribute("role", "group");
  const tip = makeTip(root);
  const top = make("div", { className: "top" }, root);
  const [seen, felt] = [buildPicture(top, "seen"), buildPicture(top, "felt")];
  const side = make("div", { className: "words" }, top);
  const name = make("p", { className: "name" }, side);
  const size = make("p", { className: "size" }, side);
  const sum = make("p", { className: "arithmetic" }, side);
  const sentences = make("div", { className: "sentences" }, side);
  const slide = make("label", { className: "slide" }, root);
  make("span", { textContent: "Slide through the layers" }, slide);
  const track = make("input", { type: "range", min: "0", step: "1" }, slide);
  const layers = { strip: make("div", { className: "strip" }, root), blocks: /** @type {Block[]} */ ([]) };
  const scroller = make("div", { className: "scroller" }, root);
  const view = {
    root,
    tip,
    seen,
    felt,
    name,
    size,
    sum,
    sentences,
    track,
    table: make("table", {}, scroller),
    spoken: make("div", { className: "spoken", role: "status" }, root),
    layers,
    message: /** @type {Field} */ (NOT_YET),
    theme: /** @type {Theme} */ (NOT_YET),
    ratio: 1,
    pictureSide: 0,
    selected: /** @type {UnitCell} */ (NOT_YET),
    pending: /** @type {Choice<UnitCell> | null} */ (null),
    drawnTable: "",
    telling: 0,
    /** @type {(layer: number, unit: number, row: number, column: number) => void} */
    select: (layer, unit, row, column) => select(view, layer, unit, row, column),
    /** @type {(layer: number) => void} */
    selectLayer: (layer) => selectLayer(view, layer),
    end() {
      stopWatching();
    },
  };
  track.addEventListener("input", () => view.selectLayer(Number(track.value)));
  const stopWatching = watchSize(root, () => view.message && arrange(view));
  return view;
}

/**
 * @param {Element} parent
 * @param {string} name
 */
function buildPicture(parent, name) {
  const figure = make("figure", { className: name }, parent);
  return { figure, caption: make("figcaption", {}, figure), canvas: make("canvas", { role: "img" }, figure) };
}

/** @type {(view: View, message: Field) => void} */
function show(view, message) {
  view.message = message;
  const { header } = message;
  // Between a choice and the server's answer an older message may still name the unit chosen before.
  const chosen = view.pending?.value;
  const answered = chosen !== undefined && isSameUnit(chosen, header.selected);
  if (!isPending(view.pending, answered) || (chosen && chosen.layer >= header.layers.length)) {
    Object.assign(view, { selected: header.selected, pending: null });
  }
  view.theme = themeOf(view.root);
  view.root.style.colorScheme = view.theme.dark ? "dark" : "light"; // for what the browser draws itself
  view.root.setAttribute("aria-label", "What each unit sees of the picture");
  arrange(view);
  writeNotes(view.root, header.notes);
  stamp(view.root, header);
}

/** @type {(view: View) => void} */
function arrange(view) {
  const maxWidth = view.root.clientWidth;
  if (maxWidth < 1) return;
  view.ratio = window.devicePixelRatio || 1;
  const { maxHeight } = view.message.header;
  view.pictureSide = Math.min(
    maxHeight * Math.max(1, window.innerHeight / 900),
    maxWidth < 620 ? maxWidth - 8 : maxWidth * 0.3,
  );
  layoutLayers(view);
  paint(view);
}

/** @type {(view: View) => void} */
function paint(view) {
  const { header } = view.message;
  const { layer, unit, cell } = view.selected;
  const kind = header.layers[layer];
  paintFootprint(view);
  paintMeasured(view);
  const { top, bottom, left, right } = footprintOf(view);
  const [rows, columns] = [bottom - top, right - left];
  write(view.seen.caption, `By arithmetic, on ${header.inputTitle}`);
  write(view.felt.caption, "As measured: how much each pixel moves it");
  write(view.name, nameOf(view));
  write(
    view.size,
    `It can see ${rows} \u00d7 ${columns} = ${rows * columns} pixels${rows * columns === view.message.arrays.input.data.length ? ": the whole picture" : `: rows ${top + 1} to ${bottom}, columns ${left + 1} to ${right}`}.`,
  );
  write(view.sum, kind.arithmetic);
  const words = measuredFits(view) ? header.measured.words : ["Measuring \u2026"];
  if (view.sentences.textContent !== words.join(""))
    view.sentences.replaceChildren(...words.map((text) => make("p", { textContent: text })));
  view.seen.canvas.setAttribute("aria-label", `${nameOf(view)}. ${view.size.textContent}`);
  view.felt.canvas.setAttribute("aria-label", `As measured. ${words.join(" ")}`);
  if (Number(view.track.max) !== header.layers.length - 1) view.track.max = String(header.layers.length - 1);
  if (Number(view.track.value) !== layer) view.track.value = String(layer);
  view.track.setAttribute("aria-valuetext", kind.title);
  writeTable(view);
  const data = { lit: rows * columns, layer, unit, cell: cell ?? "", measured: String(measuredFits(view)) };
  for (const [name, value] of Object.entries(data)) view.root.dataset[name] = String(value);
}

/** @type {(view: View) => string} */
function nameOf({ message: { header, arrays }, selected: { layer, unit, cell } }) {
  const { title, kind } = header.layers[layer];
  if (kind === "neurons")
    return layer + 1 === header.layers.length ? `${title}: answer ${unit}` : `${title}: neuron ${unit + 1}`;
  const [, , columns] = arrays[`layer${layer}`].shape;
  const at = cell ?? 0; // a map always has one
  return `${title}: map ${unit + 1}, row ${Math.floor(at / columns) + 1}, column ${(at % columns) + 1}`;
}

/** @type {(view: View, layer: number, unit: number, row: number, column: number) => void} */
function select(view, layer, unit, row, column) {
  const { kind } = view.message.header.layers[layer];
  const [, , columns] = view.message.arrays[`layer${layer}`].shape;
  const cell = kind === "maps" ? row * columns + column : null;
  const selected = { layer, unit, cell };
  if (JSON.stringify(selected) === JSON.stringify(view.selected)) return;
  Object.assign(view, { selected, pending: chosenNow(selected, ANSWER_MS) });
  view.layers.blocks.forEach((block, index) => paintBlock(view, block, index));
  paint(view);
  clearTimeout(view.telling);
  // 400 ms: a screen reader is told when the keys rest.
  view.telling = setTimeout(() => write(view.spoken, `${view.name.textContent}. ${view.size.textContent}`), 400);
  choose({ layer: String(layer), neuron: String(unit), cell: cell === null ? null : String(cell) });
}

// The same map in another layer, as far as there is one, and the cell in its middle.
/** @type {(view: View, layer: number) => void} */
function selectLayer(view, layer) {
  const [count, rows, columns] = view.message.arrays[`layer${layer}`].shape;
  const cell = middleOf(rows, columns);
  select(view, layer, Math.min(view.selected.unit, count - 1), Math.floor(cell / columns), cell % columns);
}

export default component(buildField, show);
