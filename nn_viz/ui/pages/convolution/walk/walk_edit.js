// Drawing into the small picture, typing weights, undo. The server gets it after a pause, for the link.
import { choose } from "../../../live/connection.js";
import { make, write } from "../../../live/elements.js";
import { ARROWS, placeIn } from "../../../live/gestures.js";
import { within } from "../../../live/numbers.js";
import { gridHit } from "./walk_layout.js";
import { pixelWords } from "./walk_words.js";

/** @import { Buffer, Walk } from "../../../live/messages.js" */
/** @import { View } from "./walk.js" */
/** @import { Cell } from "./walk_layout.js" */
/** @typedef {Buffer<Float32Array>} Numbers */
/** @typedef {"canvas" | "kernel"} Edited a setting that is changed by drawing or typing */

const HEX = "0123456789abcdef";
const MOST_UNDO = 100;

export const newEdit = () => ({
  key: "", // what the server's message was worked out from
  editable: false,
  history: /** @type {{ cells: Numbers, weights: Numbers }[]} */ ([]),
  changed: /** @type {Set<Edited>} */ (new Set()),
  sentKeys: /** @type {string[]} */ ([]), // keys that the server will repeat
  sendTimer: 0,
  ink: /** @type {number | null} */ (null), // while the pointer draws
  pen: /** @type {Cell | null} */ (null),
});

// Take over what the server says, unless it only repeats, late, what was drawn or typed here.
/** @type {(view: View, message: Walk) => void} */
export function adopt(view, { header, arrays }) {
  const { edit } = view;
  const late = edit.sentKeys.indexOf(header.key);
  if (late >= 0) edit.sentKeys.splice(0, late + 1);
  if (view.cells && header.editable && (late >= 0 || header.key === edit.key)) {
    edit.key = header.key;
    return;
  }
  if (view.cells && header.editable && edit.editable) remember(view);
  edit.key = header.key;
  edit.editable = header.editable;
  view.cells = { data: Float32Array.from(arrays.input.data), shape: arrays.input.shape };
  view.weights = { data: Float32Array.from(arrays.weights.data), shape: arrays.weights.shape };
}

/** @type {(view: View) => void} */
export const remember = (view) => {
  /** @type {(numbers: Numbers) => Numbers} */
  const copy = ({ data, shape }) => ({ data: Float32Array.from(data), shape });
  view.edit.history.push({ cells: copy(view.cells), weights: copy(view.weights) });
  if (view.edit.history.length > MOST_UNDO) view.edit.history.shift();
};

/** @type {(view: View) => void} */
function undo(view) {
  const before = view.edit.history.pop();
  if (!before) return;
  Object.assign(view, before);
  view.setting = { ...view.setting, kernel: before.weights.shape[1] };
  afterEdit(view, "canvas", "kernel");
}

/** @type {(cells: Numbers) => string} */
const cellsText = ({ data }) => Array.from(data, (value) => HEX[Math.round(value * 15)]).join("");
/** @type {(weight: number) => string} */
export const weightText = (weight) =>
  String(Number(weight.toFixed(Math.abs(weight) >= 10 ? 1 : Math.abs(weight) >= 1 ? 2 : 3)));
/** @type {(weights: Numbers) => string} */
const weightsText = ({ data }) => Array.from(data, weightText).join(",");

// Show at once what an edit changes, and send it after a pause. `what`: the settings that it changes.
/** @type {(view: View, ...what: Edited[]) => void} */
export function afterEdit(view, ...what) {
  const { edit } = view;
  what.forEach((name) => edit.changed.add(name));
  view.edited();
  clearTimeout(edit.sendTimer);
  edit.sendTimer = setTimeout(() => {
    const texts = { canvas: cellsText(view.cells), kernel: weightsText(view.weights) };
    const sides = { canvas: "side", kernel: "reach" };
    const sizes = { canvas: view.cells.shape[1], kernel: view.weights.shape[1] };
    /** @type {Changes} */
    const changes = {};
    for (const name of edit.changed)
      Object.assign(changes, { [name]: texts[name], [sides[name]]: String(sizes[name]) });
    const [canvas, kernel] = (edit.sentKeys.at(-1) ?? edit.key).split("|"); // what this edit leaves is as the last one sent it
    edit.sentKeys.push([changes.canvas ?? canvas, changes.kernel ?? kernel].join("|"));
    edit.changed.clear();
    choose(changes);
  }, 250); // so that a stroke over many cells is one choice, and one entry of the browser's history
}

// The cells on the way from one to another: a quick pointer skips some.
/** @type {(from: Cell, to: Cell) => Cell[]} */
function between(from, to) {
  const count = Math.max(1, Math.abs(to.row - from.row), Math.abs(to.column - from.column));
  return Array.from({ length: count + 1 }, (_, i) => ({
    channel: to.channel,
    row: Math.round(from.row + ((to.row - from.row) * i) / count),
    column: Math.round(from.column + ((to.column - from.column) * i) / count),
  }));
}

/** @type {(view: View) => void} */
export function listenForEdits(view) {
  const { edit } = view;
  const { canvas } = view.input;
  /** @type {(hit: Cell | null, value: number) => void} */
  const set = (hit, value) => {
    const [, height, width] = view.cells.shape;
    if (!hit || hit.row < 0 || hit.column < 0 || hit.row >= height || hit.column >= width) return;
    const at = hit.row * width + hit.column;
    if (view.cells.data[at] === value) return;
    view.cells.data[at] = value;
    afterEdit(view, "canvas");
  };
  /** @type {(cell: Cell) => number} */
  const toggled = ({ row, column }) => (view.cells.data[row * view.cells.shape[2] + column] < 0.5 ? 1 : 0);
  /** @type {(event: PointerEvent) => Cell | null} */
  const hitOf = (event) => gridHit(view.input.grid, placeIn(canvas, event));
  canvas.addEventListener("pointerdown", (event) => {
    const hit = hitOf(event);
    if (!edit.editable || !hit || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    remember(view);
    edit.ink = toggled(hit);
    edit.pen = hit;
    set(hit, edit.ink);
    view.cursor = hit;
  });
  canvas.addEventListener("pointermove", (event) => {
    const { ink } = edit;
    if (!edit.editable || ink === null) return;
    const hit = hitOf(event);
    if (hit) between(edit.pen ?? hit, hit).forEach((cell) => set(cell, ink));
    edit.pen = hit;
  });
  for (const type of ["pointerup", "pointercancel"])
    canvas.addEventListener(type, () => {
      Object.assign(edit, { ink: null, pen: null });
    });
  canvas.addEventListener("keydown", (event) => {
    const [, height, width] = view.cells.shape;
    const move = ARROWS[event.key];
    if (move) {
      view.cursor = {
        channel: view.sheet,
        row: within(view.cursor.row + move[0], 0, height - 1),
        column: within(view.cursor.column + move[1], 0, width - 1),
      };
      write(view.spoken, pixelWords(view, view.cursor));
    } else if ((event.key === " " || event.key === "Enter") && edit.editable) {
      remember(view);
      set(view.cursor, toggled(view.cursor));
    } else return;
    event.preventDefault();
    view.repaint();
  });
  for (const type of ["focus", "blur"])
    canvas.addEventListener(type, () => {
      view.keys = type === "focus" && canvas.matches(":focus-visible");
      view.message && view.repaint();
    });
  view.root.addEventListener("keydown", (event) => {
    if (!edit.editable || event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey)
      return;
    event.preventDefault();
    undo(view);
  });
  view.editBar.undo.addEventListener("click", () => undo(view));
  view.editBar.clear.addEventListener("click", () => clearCells(view));
}

/** @param {Element} figure */
export function buildEditBar(figure) {
  const bar = make("div", { className: "edits" }, figure);
  const options = { type: /** @type {const} */ ("button"), className: "plain" };
  const undo = make("button", { ...options, textContent: "Undo", title: "Take the last change back (Ctrl+Z)" }, bar);
  const clear = make("button", { ...options, textContent: "Clear", title: "An empty picture" }, bar);
  return { bar, undo, clear };
}

/** @type {(view: View) => void} */
function clearCells(view) {
  remember(view);
  view.cells.data.fill(0);
  afterEdit(view, "canvas");
}

/** @type {(view: View) => string} */
export function inputLabel({ message, cells: { shape }, edit: { editable } }) {
  const size = `${shape[0] > 1 ? `${shape[0]} maps of ` : ""}${shape[1]} by ${shape[2]} cells`;
  return `${message.header.inputTitle}: ${size}. Arrow keys visit the cells${editable ? ", Space turns one on or off" : ""}.`;
}
