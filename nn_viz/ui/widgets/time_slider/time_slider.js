// The snapshots of a run as a track: drag, arrows, play back, follow the newest. It never moves under a pointer that drags it.
import { askNewest } from "../../live/asking.js";
import { component, NOT_YET, stamp, watchSize } from "../../live/component.js";
import { choose } from "../../live/connection.js";
import { find, make, makeTip } from "../../live/elements.js";
import { placeIn } from "../../live/gestures.js";
import { within } from "../../live/numbers.js";
import { themeOf } from "../../live/palette.js";
import { epochWords, nearestIndex } from "./time_scale.js";
import { drawTrack, innerWidthOf, PAD, placeThumb } from "./time_track.js";

/** @import { TimeSlider } from "../../live/messages.js" */
/** @typedef {ReturnType<typeof buildSlider>} View */
/** @typedef {{ held: number | null }} Question the step to hold, or null to follow the newest */

const PLAY_MS = 250; // between two snapshots that are played: long enough to see each
const ANSWER_MS = 500; // after this long without an answer the next position is sent all the same

const ICONS = {
  first: "M3 3v10M13 3L6 8l7 5z",
  back: "M11 3L4 8l7 5z",
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 3h2.6v10H4zM9.4 3H12v10H9.4z",
  next: "M5 3l7 5-7 5z",
  newest: "M13 3v10M3 3l7 5-7 5z",
};
/** @type {(name: keyof typeof ICONS) => string} */
const icon = (name) =>
  `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;

/** @param {HTMLElement} root */
function buildSlider(root) {
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Time travel: the snapshots of this training");
  root.innerHTML = `<div class="keys"></div>
    <div class="track" role="slider" tabindex="0" aria-label="Snapshot shown"><canvas aria-hidden="true"></canvas><div class="thumb"></div></div>
    <div class="shown"></div>`;
  const keys = find(root, ".keys");
  /** @type {(name: keyof typeof ICONS, words: string, action: () => void) => HTMLButtonElement} */
  const button = (name, words, action) => {
    const element = make("button", { type: "button", title: words, ariaLabel: words, onclick: action }, keys);
    element.innerHTML = icon(name);
    element.dataset.action = name;
    return element;
  };
  button("first", "First snapshot", () => step(view, -Infinity));
  button("back", "Previous snapshot", () => step(view, -1));
  const playKey = button("play", "Play back", () => (view.timer ? stop(view) : play(view)));
  button("next", "Next snapshot", () => step(view, 1));
  const newestKey = button("newest", "Follow the newest", () => follow(view));
  newestKey.insertAdjacentHTML("beforeend", "<span>Newest</span>");
  const view = {
    root,
    track: find(root, ".track"),
    canvas: find(root, "canvas"),
    thumb: find(root, ".thumb"),
    shown: find(root, ".shown"),
    playKey,
    newestKey,
    tip: makeTip(root),
    asking: askNewest(say, ANSWER_MS),
    header: /** @type {TimeSlider["header"]} */ (NOT_YET),
    theme: /** @type {Theme} */ (NOT_YET),
    index: 0,
    following: true,
    dragging: false,
    timer: 0,
    end() {
      stop(view);
      view.asking.end();
      stopWatching();
    },
  };
  const stopWatching = watchSize(root, () => view.header && drawTrack(view));
  listen(view);
  return view;
}

/** @type {(view: View) => void} */
function listen(view) {
  const { track } = view;
  /** @type {(event: PointerEvent) => number} */
  const at = (event) => {
    return nearestIndex(view.header.places, (placeIn(track, event).x - PAD) / innerWidthOf(view));
  };
  track.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    stop(view);
    view.dragging = true;
    track.setPointerCapture(event.pointerId);
    hold(view, at(event));
  });
  track.addEventListener("pointermove", (event) => {
    const index = at(event);
    if (view.dragging && index !== view.index) hold(view, index);
    const { epochs, accuracy } = view.header;
    const share = accuracy[index];
    const measured = share === null ? "" : ` \u00b7 ${(share * 100).toFixed(1)} % test accuracy`;
    view.tip.show(
      track.offsetLeft + PAD + view.header.places[index] * innerWidthOf(view),
      track.offsetTop,
      epochWords(epochs[index]) + measured,
    );
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    track.addEventListener(type, () => {
      view.dragging = false;
      view.tip.hide();
    });
  }
  track.addEventListener("pointerleave", () => view.tip.hide());
  track.addEventListener("keydown", (event) => {
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -3, PageUp: 3, Home: -Infinity };
    if (event.key in moves) step(view, moves[event.key]);
    else if (event.key === "End") follow(view);
    else if (event.key === " ") view.timer ? stop(view) : play(view);
    else return;
    event.preventDefault();
  });
}

/** @type {(view: View) => number} */
const newest = (view) => view.header.steps.length - 1;

/** @type {(view: View, by: number) => void} */
function step(view, by) {
  stop(view);
  hold(view, within(view.index + by, 0, newest(view)));
}

/** @type {(view: View, index: number) => void} */
function hold(view, index) {
  Object.assign(view, { index, following: false });
  ask(view, view.header.steps[index]);
}

/** @type {(view: View) => void} */
function follow(view) {
  stop(view);
  Object.assign(view, { index: newest(view), following: true });
  ask(view, null);
}

/** @type {(view: View) => void} */
function play(view) {
  if (view.index >= newest(view)) hold(view, 0);
  view.timer = setInterval(() => {
    if (view.asking.isWaiting()) return; // the page has not caught up: slow down rather than queue
    view.index + 1 >= newest(view) ? follow(view) : hold(view, view.index + 1);
  }, PLAY_MS);
  markPlay(view);
}

/** @type {(view: View) => void} */
function stop(view) {
  clearInterval(view.timer);
  view.timer = 0;
  markPlay(view);
}

/** @type {(view: View) => void} */
function markPlay({ playKey, timer }) {
  const words = timer ? "Pause playing back" : "Play back";
  playKey.innerHTML = icon(timer ? "pause" : "play");
  Object.assign(playKey, { title: words, ariaLabel: words });
}

/** @type {(view: View, held: number | null) => void} */
function ask(view, held) {
  placeThumb(view);
  view.asking.ask({ held });
}

/** @type {(question: Question) => boolean} */
function say({ held }) {
  choose({ at: held === null ? null : String(held) });
  return true; // a choice is kept until the server has answered it
}

/** @type {(view: View, message: TimeSlider) => void} */
function show(view, { header }) {
  view.header = header;
  view.theme = themeOf(view.root);
  view.asking.answer(({ held }) => held === header.held);
  const mine = view.dragging || view.timer || view.asking.isWaiting();
  if (!mine) {
    view.following = header.held === null;
    view.index = header.held === null ? newest(view) : nearestIndex(header.steps, header.held);
  }
  view.index = Math.min(view.index, newest(view));
  drawTrack(view);
  stamp(view.root, header);
}

export default component(buildSlider, show);
