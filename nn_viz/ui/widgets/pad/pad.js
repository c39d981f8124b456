// The drawing pad. Every change goes over the live connection at once; while two await their answers only the newest is kept.
import { askNewest } from "../../live/asking.js";
import { component, NOT_YET, stamp, watchSize } from "../../live/component.js";
import { find, make, write } from "../../live/elements.js";
import { themeOf } from "../../live/palette.js";
import { change, clear, drawing, recalled, sendDrawing, submit } from "./pad_change.js";
import { endStroke, listenToPointer, pressKey } from "./pad_input.js";
import { paintPad, TOOLS } from "./pad_paint.js";
import { empty, history, isEmpty, redo, remember, undo } from "./pad_strokes.js";

/** @import { Pad } from "../../live/messages.js" */
/** @import { Question } from "./pad_change.js" */
/** @import { Tool } from "./pad_paint.js" */
/** @import { Drawing, History, Point } from "./pad_strokes.js" */
/** @typedef {ReturnType<typeof buildPad>} View */

const ANSWER_MS = 1000; // after this long without an answer the next drawing is sent all the same
const UNANSWERED = 2; // drawings on their way: with one, a point waits for the answer to the point before it

/** @param {HTMLElement} root */
function buildPad(root) {
  root.innerHTML = `<div class="tools" role="toolbar" aria-label="Drawing tools"></div>
    <div class="paper"><canvas tabindex="0" role="application"></canvas><p class="hint">Draw a digit here</p></div>
    <p class="full" role="status" hidden>No more ink fits on the pad. Undo a stroke, or clear it.</p>
    <p class="guess" role="status" aria-live="polite"></p>`;
  const canvas = find(root, "canvas");
  canvas.setAttribute(
    "aria-label",
    "Drawing pad. Arrow keys move the pen, space puts it down or lifts it, Control Z undoes, Delete clears.",
  );
  /** @type {(question: Question) => boolean} */
  const say = (question) => sendDrawing(view, question);
  const view = {
    root,
    canvas,
    hint: find(root, ".hint"),
    full: find(root, ".full"),
    guess: find(root, ".guess"),
    buttons: /** @type {Record<string, HTMLButtonElement>} */ ({}),
    slider: make("input", { type: "range", min: "6", max: "40", ariaLabel: "Pen width" }),
    tool: /** @type {Tool} */ ("pen"),
    history: history(recalled()),
    limits: { strokes: Infinity, points: Infinity }, // until the server says them
    pointer: /** @type {number | null} */ (null), // that draws
    stroke: /** @type {{ before: History<Drawing>, ink: number } | null} */ (null),
    cursor: /** @type {Point | null} */ (null),
    revision: Date.now(),
    pressedAt: 0,
    loaded: /** @type {Set<string>} */ (new Set()),
    theme: /** @type {Theme} */ (NOT_YET),
    asking: askNewest(say, ANSWER_MS, UNANSWERED),
    end() {
      view.asking.end();
      stopWatching();
    },
  };
  buildTools(view);
  const stopWatching = watchSize(root, () => paintPad(view));
  listenToPointer(view);
  canvas.addEventListener("keydown", (event) => pressKey(view, event));
  canvas.addEventListener("blur", () => endStroke(view));
  return view;
}

/** @type {(view: View) => void} */
function buildTools(view) {
  const bar = find(view.root, ".tools");
  /** @type {(name: string, words: string, act: () => void) => void} */
  const button = (name, words, act) => {
    view.buttons[name] = make("button", { type: "button", textContent: words, onclick: act }, bar);
  };
  for (const [tool, words] of Object.entries(TOOLS))
    button(tool, words, () => takeTool(view, /** @type {Tool} */ (tool)));
  const label = make("label", { className: "width", textContent: "width" }, bar);
  label.append(view.slider);
  view.slider.addEventListener("input", () => {
    const { history } = view;
    change(view, { ...history, now: { ...history.now, pen: Number(view.slider.value) } }); // no step for undo
  });
  button("undo", "Undo", () => change(view, undo(view.history)));
  button("redo", "Redo", () => change(view, redo(view.history)));
  button("clear", "Clear", () => clear(view));
}

/** @type {(view: View, tool: Tool) => void} */
function takeTool(view, tool) {
  view.tool = tool;
  paintPad(view);
}

/** @type {(view: View, message: Pad) => void} */
function showPad(view, { header }) {
  view.theme = themeOf(view.root);
  view.limits = { strokes: header.maxStrokes, points: header.maxPoints };
  write(view.guess, header.words);
  stamp(view.root, header);
  if (header.load && header.cells && !view.loaded.has(header.load)) {
    view.loaded.add(header.load);
    return change(view, remember(view.history, { ...empty(drawing(view).pen), cells: header.cells }));
  }
  const asked = view.asking.answer(({ revision }) => revision === header.revision);
  if (asked) {
    // From the pen's event to here: all other views of this answer are painted (the pad is the frame's last part).
    Object.assign(view.root.dataset, { revision: header.revision, latency: performance.now() - asked.at });
  } else if (!view.asking.isWaiting() && header.revision !== view.revision && !isEmpty(drawing(view))) {
    submit(view); // after a reload, or on another page, the server does not know what stands here
  }
  paintPad(view);
}

export default component(buildPad, showPad);
