// A picture that is dragged: slid, turned and scaled, and read at once by the networks beside it.
// Every move goes over the live connection at once; while an answer is on its way only the newest waits.
import { askNewest } from "../../../live/asking.js";
import { component, NOT_YET, stamp, watchSize } from "../../../live/component.js";
import { send } from "../../../live/connection.js";
import { find, write } from "../../../live/elements.js";
import { shareIn } from "../../../live/gestures.js";
import { role, themeOf } from "../../../live/palette.js";
import { AT_REST, dragged, nudged, STAGE } from "./drag_move.js";
import { paintAnswers, paintGrips, paintPicture } from "./drag_paint.js";

const ANSWER_MS = 1000; // after this long without an answer the next move is sent all the same
const UNANSWERED = 2; // moves on their way, as for the drawing pad
const KEPT = "nn_viz.move"; // in the tab's own storage, as the pad's drawing: a reload loses neither
const REST_MS = 350; // a screen reader is told the answer when the drawing is no longer moved

const MARKS = `<rect class="seen"/><g class="grip"><polygon class="frame"/><line class="stalk"/>
  <g class="turn" data-handle="turn"><circle class="reach" r="2.3"/><circle class="knob" r="1"/></g>
  <g class="size" data-handle="size"><circle class="reach" r="2.3"/><rect class="knob" x="-.9" y="-.9" width="1.8" height="1.8"/></g></g>`;

/** @import { DragBox } from "../../../live/messages.js" */
/** @import { Handle, Move, Point } from "./drag_move.js" */
/** @typedef {{ move: Move, at: number }} Question a move, and when it was made */
/** @typedef {{ handle: Handle, from: Point, start: Move, pointer: number }} Hold */
/** @typedef {ReturnType<typeof buildBox>} View */

/** @param {HTMLElement} root */
function buildBox(root) {
  root.innerHTML = `<div class="box"><div class="stage" tabindex="0" role="application"><canvas aria-hidden="true"></canvas>
      <svg viewBox="${-STAGE / 2} ${-STAGE / 2} ${STAGE} ${STAGE}" aria-hidden="true">${MARKS}</svg><p class="hint"></p></div>
    <div class="under"><span class="readout"></span><button type="button">Put it back</button></div><p class="note seen"></p></div>
    <div class="answers"><p class="invite"></p></div><p class="spoken" role="status" aria-live="polite"></p>`;
  /** @type {(question: Question) => boolean} */
  const say = ({ move }) => send({ move });
  const view = {
    root,
    stage: find(root, ".stage"),
    canvas: find(root, "canvas"),
    hint: find(root, ".hint"),
    readout: find(root, ".readout"),
    back: find(root, "button"),
    seen: find(root, ".note.seen"),
    blocks: /** @type {HTMLElement[]} */ ([]),
    invite: find(root, ".invite"),
    spoken: find(root, ".spoken"),
    marks: {
      seen: find(root, "svg .seen"),
      grip: find(root, "svg .grip"),
      frame: find(root, "svg .frame"),
      stalk: find(root, "svg .stalk"),
      turn: find(root, "svg .turn"),
      size: find(root, "svg .size"),
    },
    move: AT_REST,
    hold: /** @type {Hold | null} */ (null),
    resting: 0,
    message: /** @type {DragBox} */ (NOT_YET),
    theme: /** @type {Theme} */ (NOT_YET),
    kept: keptMove(),
    asking: askNewest(say, ANSWER_MS, UNANSWERED),
    end() {
      view.asking.end();
      clearTimeout(view.resting);
      stopWatching();
    },
  };
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Drag duel: one picture, moved in front of the networks");
  view.stage.setAttribute(
    "aria-label",
    "The picture that the networks get. Arrow keys slide it, square brackets turn it, plus and minus scale it, Home puts it back.",
  );
  view.back.addEventListener("click", (event) => put(view, AT_REST, event));
  const stopWatching = watchSize(root, () => view.message && paintBox(view));
  listenToInput(view);
  view.stage.addEventListener("keydown", (event) => {
    if (
      !view.message ||
      view.message.header.empty ||
      event.metaKey ||
      (event.ctrlKey && !event.getModifierState("AltGraph"))
    )
      return;
    const move = nudged(view.move, event.key, view.message.header.limits);
    if (!move) return;
    put(view, move, event);
    event.preventDefault();
  });
  return view;
}

// ---- pointer and keys

/** @type {(view: View) => void} */
function listenToInput(view) {
  const { stage } = view;
  /** @type {(event: PointerEvent) => Point} */
  const place = (event) => {
    const { x, y } = shareIn(stage, event);
    return [(x - 0.5) * STAGE, (y - 0.5) * STAGE];
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || view.hold || view.message.header.empty) return;
    const grip = /** @type {Element} */ (event.target).closest("[data-handle]");
    const handle = /** @type {Handle} */ (grip?.getAttribute("data-handle") ?? "slide");
    stage.setPointerCapture(event.pointerId);
    view.hold = { handle, from: place(event), start: view.move, pointer: event.pointerId };
    stage.dataset.hold = handle;
    event.preventDefault();
    stage.focus({ preventScroll: true });
  });
  stage.addEventListener("pointermove", (event) => {
    if (event.pointerId !== view.hold?.pointer) return;
    const { handle, start, from } = view.hold;
    put(view, dragged(handle, start, from, place(event), view.message.header.limits), event);
  });
  for (const type of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    stage.addEventListener(type, (event) => {
      if (event.pointerId !== view.hold?.pointer) return;
      view.hold = null;
      delete stage.dataset.hold;
    });
  }
  stage.addEventListener("dblclick", (event) => put(view, AT_REST, event));
}

/** @type {(view: View, move: Move, event: { timeStamp: number }) => void} */
function put(view, move, event) {
  if (String(move) === String(view.move)) return;
  view.move = move;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(move));
  } catch {
    // a private window may have no storage: the move then lives as long as the page
  }
  paintGrips(view);
  sayMove(view);
  view.asking.ask({ move, at: event.timeStamp });
}

/** @type {() => Move | null} */
function keptMove() {
  try {
    const move = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    return Array.isArray(move) && move.length === 4 && move.every(Number.isFinite) ? /** @type {Move} */ (move) : null;
  } catch {
    return null;
  }
}

// Once there is a drawing again: after a reload the server knows of no move.
/** @type {(view: View) => void} */
function recall(view) {
  const {
    kept,
    message: { header },
  } = view;
  if (!kept || header.empty) return;
  view.kept = null;
  if (String(header.move) === String(AT_REST)) put(view, kept, { timeStamp: performance.now() });
}

// The curves beside the box follow the move without waiting for the server.
/** @type {(view: View) => void} */
function sayMove({ move, message: { header, arrays } }) {
  const count = header.classNames.length;
  const sure = header.networks.map(({ rest }, i) => arrays.shares.data[i * count + rest]);
  window.dispatchEvent(new CustomEvent("nnviz-move", { detail: { move, sure } }));
}

// ---- the connection

/** @type {(view: View, message: DragBox) => void} */
function showBox(view, message) {
  const { header } = message;
  view.message = message;
  view.theme = themeOf(view.root);
  const move = String(header.move);
  const asked = view.asking.answer((question) => String(question.move) === move);
  if (asked) view.root.dataset.latency = String(performance.now() - asked.at);
  else if (!view.asking.isWaiting() && !view.hold) view.move = header.move;
  paintBox(view);
  sayMove(view);
  clearTimeout(view.resting);
  view.resting = setTimeout(() => speak(view), REST_MS);
  view.root.dataset.move = move;
  recall(view);
  stamp(view.root, header);
}

/** @type {(view: View) => void} */
function paintBox(view) {
  const { root, message, theme, hint, seen } = view;
  const { header } = message;
  root.style.setProperty("--rim", role("muted", theme.dark));
  root.classList.toggle("empty", header.empty);
  paintPicture(view);
  paintGrips(view);
  paintAnswers(view);
  hint.textContent = header.empty ? header.hint : "";
  seen.textContent = header.seen?.words ?? "";
}

/** @type {(view: View) => void} */
function speak({ spoken, message: { header } }) {
  write(spoken, header.words);
}

export default component(buildBox, showBox);
