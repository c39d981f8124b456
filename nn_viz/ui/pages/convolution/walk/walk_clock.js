// The walk's clock: which step is shown, and how far into it. One step a beat; forward, back, to any step.
import { within } from "../../../live/numbers.js";

/** @type {[name: string, stepsPerSecond: number][]} */
export const WALK_SPEEDS = [
  ["slow", 0.7],
  ["steady", 2],
  ["brisk", 8],
  ["fast", 40],
  ["rush", 200],
]; // steps a second
/** @type {() => boolean} */
export const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @typedef {ReturnType<typeof buildClock>} Clock */

// `at` is the step (0, 1, …), `part` how much of it has been done: 1 when it stands.
/** @param {() => void} repaint */
export function buildClock(repaint) {
  return {
    at: 0,
    part: 1,
    count: 0,
    whole: false,
    speed: WALK_SPEEDS[1][1],
    playing: false,
    frame: 0,
    last: 0,
    repaint,
  };
}

// `whole`: the map is there already, whatever step is looked at.
/** @type {(clock: Clock, count: number, at: number, whole?: boolean) => void} */
export function setCount(clock, count, at, whole = false) {
  Object.assign(clock, { count, whole, at: within(at, 0, count - 1), part: 1 });
  if (count < 2) pauseWalk(clock);
}

/** @type {(clock: Clock) => void} */
export function playWalk(clock) {
  if (clock.playing || clock.count < 1) return;
  if (clock.part >= 1) clock.at = clock.whole || clock.at + 1 >= clock.count ? 0 : clock.at + 1;
  clock.whole = false;
  Object.assign(clock, { playing: true, part: 0 });
  run(clock);
}

/** @type {(clock: Clock) => void} */
export function pauseWalk(clock) {
  Object.assign(clock, { playing: false, part: 1 });
  cancelAnimationFrame(clock.frame);
  clock.frame = 0;
}

// Go to a step; one further on is walked to, any other is jumped to.
/** @type {(clock: Clock, at: number) => void} */
export function goTo(clock, at) {
  const walked = at === clock.at + 1 && !calm();
  pauseWalk(clock);
  Object.assign(clock, { at: within(at, 0, clock.count - 1), part: walked && at < clock.count ? 0 : 1 });
  if (clock.part < 1) run(clock);
  clock.repaint();
}

/** @type {(clock: Clock) => void} */
function run(clock) {
  clock.last = performance.now();
  cancelAnimationFrame(clock.frame);
  /** @type {(now: number) => void} */
  const tick = (now) => {
    clock.frame = 0;
    advance(clock, Math.min(0.25, Math.max(0, now - clock.last) / 1000));
    clock.last = now;
    if (clock.playing || clock.part < 1) clock.frame = requestAnimationFrame(tick);
    clock.repaint();
  };
  clock.frame = requestAnimationFrame(tick);
}

// `seconds` further on.
/** @type {(clock: Clock, seconds: number) => void} */
function advance(clock, seconds) {
  clock.part += seconds * (clock.playing ? clock.speed : Math.max(clock.speed, WALK_SPEEDS[1][1]));
  while (clock.part >= 1) {
    if (!clock.playing || clock.at + 1 >= clock.count) return pauseWalk(clock);
    clock.at += 1;
    clock.part -= 1;
  }
}

// How far the window has slid, how much of the products is lit, how far the sum has fallen: each from 0 to 1.
/** @type {(clock: { part: number }) => { slide: number, lit: number, drop: number }} */
export function beat({ part }) {
  if (part >= 1) return { slide: 1, lit: 1, drop: 1 };
  if (calm()) return { slide: 1, lit: part < 0.7 ? part / 0.7 : 1, drop: part < 0.7 ? 0 : 1 };
  /** @type {(from: number, to: number) => number} */
  const share = (from, to) => within((part - from) / (to - from), 0, 1);
  return { slide: share(0, 0.3), lit: share(0.3, 0.7), drop: share(0.7, 1) };
}

// The step that is looked at: the one pointed at, or the clock's.
/** @type {(view: { hovered: number | null, clock: Clock }) => number} */
export const shownStep = ({ hovered, clock }) => hovered ?? clock.at;

// Before a sum has fallen into its place the place is empty.
/** @type {(view: { clock: Clock }) => number} */
export const filledSteps = ({ clock }) => (clock.whole ? clock.count : clock.at + (beat(clock).drop >= 1 ? 1 : 0));
