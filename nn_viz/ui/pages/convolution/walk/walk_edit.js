// Drawing into the small picture, typing weights, undo. The server hears of it when the hand rests, for the link.
import { choose } from "../../../live/connection.js";
import { make, write } from "../../../live/elements.js";
import { ARROWS, placeIn } from "../../../live/gestures.js";
import { within } from "../../../live/numbers.js";
import { gridHit } from "./walk_layout.js";
import { pixelWords } from "./walk_words.js";

const HEX = "0123456789abcdef";
const MOST_UNDO = 100;

// Take over what the server says, unless it only repeats, late, what was drawn or typed here.
export function adopt(view, { header, arrays }) {
  const late = view.told.indexOf(header.key);
  if (late >= 0) view.told.splice(0, late + 1);
  if (view.cells && header.editable && (late >= 0 || header.key === view.key)) {
    view.key = header.key;
    return;
  }
  if (view.cells && header.editable && view.editable) remember(view);
  view.key = header.key;
  view.editable = header.editable;
  view.cells = { data: Float32Array.from(arrays.input.data), shape: arrays.input.shape };
  view.weights = { data: Float32Array.from(arrays.weights.data), shape: arrays.weights.shape };
}

export const remember = (view) => {
  const copy = ({ data, shape }) => ({ data: Float32Array.from(data), shape });
  view.history.push({ cells: copy(view.cells), weights: copy(view.weights) });
  if (view.history.length > MOST_UNDO) view.history.shift();
};

function undo(view) {
  const before = view.history.pop();
  if (!before) return;
  Object.assign(view, before);
  view.setting = { ...view.setting, kernel: before.weights.shape[1] };
  afterEdit(view, "canvas", "kernel");
}

const cellsText = ({ data }) => Array.from(data, (value) => HEX[Math.round(value * 15)]).join("");
export const weightText = (weight) =>
  String(Number(weight.toFixed(Math.abs(weight) >= 10 ? 1 : Math.abs(weight) >= 1 ? 2 : 3)));
const weightsText = ({ data }) => Array.from(data, weightText).join(",");

// Show at once what an edit changes, and say it when the hand rests. `what`: the settings that it changes.
export function afterEdit(view, ...what) {
  view.changed = new Set([...(view.changed ?? []), ...what]);
  view.edited();
  clearTimeout(view.saying);
  view.saying = setTimeout(() => {
    const texts = { canvas: cellsText(view.cells), kernel: weightsText(view.weights) };
    const sides = { canvas: "side", kernel: "reach" };
    const sizes = { canvas: view.cells.shape[1], kernel: view.weights.shape[1] };
    const changes = {};
    for (const name of view.changed)
      Object.assign(changes, { [name]: texts[name], [sides[name]]: String(sizes[name]) });
    const [canvas, kernel] = view.key.split("|");
    view.told.push([changes.canvas ?? canvas, changes.kernel ?? kernel].join("|"));
    view.changed = null;
    choose(changes);
  }, 250); // so that a stroke over many cells is one choice, and one entry of the browser's history
}

// The cells on the way from one to another: a quick hand skips some.
function between(from, to) {
  const count = Math.max(1, Math.abs(to.row - from.row), Math.abs(to.column - from.column));
  return Array.from({ length: count + 1 }, (_, i) => ({
    row: Math.round(from.row + ((to.row - from.row) * i) / count),
    column: Math.round(from.column + ((to.column - from.column) * i) / count),
  }));
}

export function letEdit(view) {
  const { canvas } = view.input;
  const set = (hit, value) => {
    const [, height, width] = view.cells.shape;
    if (!hit || hit.row < 0 || hit.column < 0 || hit.row >= height || hit.column >= width) return;
    const at = hit.row * width + hit.column;
    if (view.cells.data[at] === value) return;
    view.cells.data[at] = value;
    afterEdit(view, "canvas");
  };
  const toggled = ({ row, column }) => (view.cells.data[row * view.cells.shape[2] + column] < 0.5 ? 1 : 0);
  const hitOf = (event) => gridHit(view.input.grid, placeIn(canvas, event));
  canvas.addEventListener("pointerdown", (event) => {
    const hit = hitOf(event);
    if (!view.editable || !hit || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    remember(view);
    view.ink = toggled(hit);
    view.pen = hit;
    set(hit, view.ink);
    view.cursor = hit;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!view.editable || view.ink === undefined) return;
    const hit = hitOf(event);
    if (hit) between(view.pen ?? hit, hit).forEach((cell) => set(cell, view.ink));
    view.pen = hit;
  });
  for (const type of ["pointerup", "pointercancel"])
    canvas.addEventListener(type, () => {
      delete view.ink;
      delete view.pen;
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
    } else if ((event.key === " " || event.key === "Enter") && view.editable) {
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
    if (!view.editable || event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey)
      return;
    event.preventDefault();
    undo(view);
  });
  const bar = make("div", { className: "edits" }, view.input.figure);
  view.undo = make(
    "button",
    {
      type: "button",
      className: "plain",
      textContent: "Undo",
      title: "Take the last change back (Ctrl+Z)",
      onclick: () => undo(view),
    },
    bar,
  );
  view.clear = make(
    "button",
    {
      type: "button",
      className: "plain",
      textContent: "Clear",
      title: "An empty picture",
      onclick: () => clearCells(view),
    },
    bar,
  );
  view.edits = bar;
}

function clearCells(view) {
  remember(view);
  view.cells.data.fill(0);
  afterEdit(view, "canvas");
}

export function inputLabel({ message, cells: { shape }, editable }) {
  const size = `${shape[0] > 1 ? `${shape[0]} maps of ` : ""}${shape[1]} by ${shape[2]} cells`;
  return `${message.header.inputTitle}: ${size}. Arrow keys visit the cells${editable ? ", Space turns one on or off" : ""}.`;
}
