// The drawing pad. Every change goes over the live connection at once; while an answer is on its way only the newest waits.
import { oneAtATime } from "../../live/asking.js";
import { component, stamp, watchSize } from "../../live/component.js";
import { send } from "../../live/connection.js";
import { make, write } from "../../live/elements.js";
import { ARROWS, hasModifier, shareIn } from "../../live/gestures.js";
import { within } from "../../live/numbers.js";
import { themeOf } from "../../live/palette.js";
import { paintPad, TOOLS } from "./pad_paint.js";
import { CELLS, empty, erased, history, isEmpty, PAD, redo, remember, undo, withCell } from "./pad_strokes.js";

const ANSWER_MS = 1000; // after this long without an answer the next drawing is sent all the same
const KEEP = "nn_viz drawing";
const STEP = 8; // pad units a press of an arrow key moves the pen

/** @typedef {{ turn: number, at: number }} Question the number of a change, and when the pen made it */

function buildPad(root) {
  root.innerHTML = `<div class="tools" role="toolbar" aria-label="Drawing tools"></div>
    <div class="paper"><canvas tabindex="0" role="application"></canvas><p class="hint">Draw a digit here</p></div>
    <p class="guess" role="status" aria-live="polite"></p>`;
  const canvas = root.querySelector("canvas");
  canvas.setAttribute(
    "aria-label",
    "Drawing pad. Arrow keys move the pen, space puts it down or lifts it, Control Z undoes, Delete clears.",
  );
  const view = {
    root,
    canvas,
    hint: root.querySelector(".hint"),
    guess: root.querySelector(".guess"),
    buttons: {},
    tool: "pen",
    width: 18,
    history: history(recalled()),
    stroke: null,
    cursor: null,
    down: false,
    ink: 255,
    turn: Date.now(),
    pressedAt: 0,
    loaded: new Set(),
    header: null,
    theme: null,
  };
  view.asking = oneAtATime((/** @type {Question} */ question) => sendDrawing(view, question), ANSWER_MS);
  buildTools(view);
  view.stopWatching = watchSize(root, () => paintPad(view));
  view.end = () => {
    view.asking.end();
    view.stopWatching();
  };
  listenToPointer(view);
  canvas.addEventListener("keydown", (event) => pressKey(view, event));
  canvas.addEventListener("blur", () => endStroke(view));
  return view;
}

function buildTools(view) {
  const bar = view.root.querySelector(".tools");
  const button = (name, words, act) => {
    view.buttons[name] = make("button", { type: "button", textContent: words, onclick: act }, bar);
  };
  for (const [tool, words] of Object.entries(TOOLS)) button(tool, words, () => takeTool(view, tool));
  const label = make("label", { className: "width", textContent: "width" }, bar);
  const slider = make("input", { type: "range", min: 6, max: 40, value: view.width, ariaLabel: "Pen width" }, label);
  slider.addEventListener("input", () => {
    view.width = Number(slider.value);
    paintPad(view);
  });
  button("undo", "Undo", () => change(view, undo(view.history)));
  button("redo", "Redo", () => change(view, redo(view.history)));
  button("clear", "Clear", () => clear(view));
}

function takeTool(view, tool) {
  view.tool = tool;
  paintPad(view);
}

const drawing = (view) => view.history.now;
const clear = (view) => isEmpty(drawing(view)) || change(view, remember(view.history, empty()));

function change(view, next) {
  view.history = next;
  try {
    sessionStorage.setItem(KEEP, JSON.stringify(drawing(view)));
  } catch {
    // a private window may have no storage: the drawing then lives as long as the page
  }
  paintPad(view);
  tell(view);
}

function recalled() {
  try {
    return { ...empty(), ...JSON.parse(sessionStorage.getItem(KEEP) ?? "{}") };
  } catch {
    return empty();
  }
}

// ---- pointer

function listenToPointer(view) {
  const { canvas } = view;
  /** @type {(event: PointerEvent) => [number, number, number]} */
  const place = (event) => {
    const { x, y } = shareIn(canvas, event);
    return [x * PAD, y * PAD, event.pointerType === "pen" && event.pressure ? 0.4 + 1.2 * event.pressure : 1];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 && event.pointerType === "mouse") return;
    canvas.setPointerCapture(event.pointerId);
    view.pressedAt = event.timeStamp;
    view.cursor = null;
    begin(view, place(event));
    event.preventDefault();
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!view.stroke) return;
    view.pressedAt = event.timeStamp;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) extend(view, place(one));
    paintPad(view);
    tell(view);
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"])
    canvas.addEventListener(type, () => endStroke(view));
}

// A stroke under way changes the drawing point by point, and is one step for undo.
function begin(view, point) {
  view.stroke = { before: view.history, ink: cellAt(drawing(view), point) ? 0 : 255 };
  view.history = remember(
    view.history,
    view.tool === "pen" ? { strokes: [...drawing(view).strokes, []], cells: null } : drawing(view),
  );
  extend(view, point);
  paintPad(view);
  tell(view);
}

const cellAt = ({ cells }, [x, y]) =>
  cells?.[Math.floor((y / PAD) * CELLS) * CELLS + Math.floor((x / PAD) * CELLS)] ?? 0;

function extend(view, [x, y, width = 1]) {
  const { now } = view.history;
  if (view.tool === "pen") {
    const stroke = now.strokes.at(-1);
    const [a, b] = stroke.at(-1) ?? [Infinity, 0];
    if (Math.hypot(x - a, y - b) < 0.5) return;
    view.history.now = {
      ...now,
      strokes: [...now.strokes.slice(0, -1), [...stroke, [round(x), round(y), Math.round(width * 100) / 100]]],
    };
  } else if (view.tool === "eraser") {
    view.history.now = erased(now, x, y, view.width / 2 + 4);
    if (now.cells)
      view.history.now = withCell(view.history.now, Math.floor((x / PAD) * CELLS), Math.floor((y / PAD) * CELLS), 0);
  } else {
    view.history.now = {
      ...withCell(now, Math.floor((x / PAD) * CELLS), Math.floor((y / PAD) * CELLS), view.stroke.ink),
      strokes: [],
    };
  }
}

const round = (value) => Math.round(value * 10) / 10;

function endStroke(view) {
  if (!view.stroke) return;
  const { before } = view.stroke;
  view.stroke = null;
  change(view, view.history.now === before.now ? before : view.history);
}

// ---- keyboard

function pressKey(view, event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z")
    change(view, (event.shiftKey ? redo : undo)(view.history));
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y") change(view, redo(view.history));
  else if (hasModifier(event)) return;
  else if (event.key in ARROWS) {
    const step = view.tool === "cells" ? PAD / CELLS : event.shiftKey ? 2 : STEP;
    const [x, y] = view.cursor ?? [PAD / 2, PAD / 4];
    view.cursor = [x + ARROWS[event.key][1] * step, y + ARROWS[event.key][0] * step].map((at) =>
      within(at, 2, PAD - 2),
    );
    if (view.stroke) {
      view.pressedAt = event.timeStamp;
      extend(view, view.cursor);
      tell(view);
    }
    paintPad(view);
  } else if (event.key === " ") {
    view.cursor ??= [PAD / 2, PAD / 4];
    view.pressedAt = event.timeStamp;
    view.stroke ? endStroke(view) : begin(view, view.cursor);
  } else if (event.key === "Escape") endStroke(view);
  else if (event.key === "Delete" || event.key === "Backspace") clear(view);
  else return;
  event.preventDefault();
}

// ---- the connection

function tell(view) {
  view.turn += 1;
  view.asking.ask({ turn: view.turn, at: view.pressedAt });
}

function sendDrawing(view, { turn }) {
  const { strokes, cells } = drawing(view);
  return send({ draw: { turn, strokes: strokes.filter((stroke) => stroke.length), cells, pen: view.width } });
}

function showPad(view, { header }) {
  view.header = header;
  view.theme = themeOf(view.root);
  write(view.guess, header.words);
  stamp(view.root, header);
  if (header.load && header.cells && !view.loaded.has(header.load)) {
    view.loaded.add(header.load);
    return change(view, remember(view.history, { strokes: [], cells: header.cells }));
  }
  if (view.asking.waiting && header.turn === view.asking.asked.turn) {
    // From the pen's event to here: all other views of this answer are painted (the pad is the frame's last part).
    Object.assign(view.root.dataset, { turn: header.turn, latency: performance.now() - view.asking.asked.at });
    view.asking.answered();
  } else if (!view.asking.waiting && header.turn !== view.turn && !isEmpty(drawing(view))) {
    tell(view); // after a reload, or on another page, the server does not know what stands here
  }
  paintPad(view);
}

export default component(buildPad, showPad);
