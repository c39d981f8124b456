// The walk's buttons, and what the pointer and the keys do on its grids.
import { make, write } from "../../../live/elements.js";
import { hasModifier, placeIn } from "../../../live/gestures.js";
import { within } from "../../../live/numbers.js";
import { goTo, pauseWalk, playWalk, WALK_SPEEDS } from "./walk_clock.js";
import { gridHit } from "./walk_layout.js";

/** @import { View } from "./walk.js" */
/** @import { Clock } from "./walk_clock.js" */
/** @import { Cell } from "./walk_layout.js" */
/** @import { Grid } from "./walk_parts.js" */
/** @typedef {ReturnType<typeof buildPlayer>} Player */

/**
 * @param {Clock} clock
 * @param {Element} bar
 */
export function buildPlayer(clock, bar) {
  /** @type {(text: string, label: string, act: () => void) => HTMLButtonElement} */
  const button = (text, label, act) => {
    const element = make(
      "button",
      { type: "button", className: "plain", textContent: text, title: label, onclick: act },
      bar,
    );
    element.setAttribute("aria-label", label);
    return element;
  };
  const first = button("|\u25c0", "To the first step", () => goTo(clock, 0));
  const back = button("\u25c0", "One step back", () => goTo(clock, clock.at - 1));
  const play = button("Play", "Play", () => {
    if (!clock.playing) return playWalk(clock);
    pauseWalk(clock);
    clock.repaint();
  });
  const on = button("\u25b6", "One step forward", () => goTo(clock, clock.at + 1));
  const last = button("\u25b6|", "To the last step", () => goTo(clock, clock.count - 1));
  const track = make("input", { type: "range", min: "1", step: "1" }, bar);
  track.setAttribute("aria-label", "Step of the walk");
  track.addEventListener("input", () => goTo(clock, Number(track.value) - 1));
  const count = make("span", { className: "count" }, bar);
  const pace = make("select", {}, bar);
  pace.setAttribute("aria-label", "Speed of the walk");
  for (const [name, speed] of WALK_SPEEDS) make("option", { textContent: name, value: String(speed) }, pace);
  pace.addEventListener("change", () => (clock.speed = Number(pace.value)));
  return { bar, first, back, play, on, last, track, count, pace };
}

/** @type {(view: View, player: Player) => void} */
export function showPlayer({ clock, walk }, { first, back, play, on, last, track, count, pace }) {
  const words = clock.playing ? "Pause" : "Play";
  write(play, words);
  play.setAttribute("aria-label", words);
  play.disabled = track.disabled = !walk.count;
  first.disabled = back.disabled = clock.at <= 0;
  on.disabled = last.disabled = clock.at + 1 >= walk.count;
  if (Number(track.max) !== Math.max(1, walk.count)) track.max = String(Math.max(1, walk.count));
  if (Number(track.value) !== clock.at + 1) track.value = String(clock.at + 1);
  write(count, walk.count ? `step ${clock.at + 1} of ${walk.count}` : "no step");
  if (Number(pace.value) !== clock.speed) pace.value = String(clock.speed);
}

/**
 * What lies under the pointer goes to `take`; `words` say it.
 * @type {(view: View, part: Grid, take: (hit: Cell | null) => void, words: (hit: Cell | null) => string | null) => void}
 */
export function pointAtGrid(view, part, take, words) {
  const { canvas } = part;
  /** @type {(event: PointerEvent | null) => void} */
  const aim = (event) => {
    const hit = event && part.grid && gridHit(part.grid, placeIn(canvas, event));
    const before = JSON.stringify([view.pixel, view.hovered]);
    const beside = part === view.result && hit && !view.walk.count;
    take(beside ? null : hit);
    const text = !beside && words(hit);
    if (event && text) {
      const { x, y } = placeIn(view.root, event);
      view.tip.show(x, y, text);
    } else view.tip.hide();
    if (JSON.stringify([view.pixel, view.hovered]) !== before) view.repaint();
  };
  canvas.addEventListener("pointermove", aim);
  canvas.addEventListener("pointerdown", aim);
  canvas.addEventListener("pointerleave", () => aim(null));
  if (part === view.input)
    canvas.addEventListener("click", (event) => {
      const hit = gridHit(part.grid, placeIn(canvas, event));
      if (!hit || view.cells.shape[0] < 2) return;
      view.sheet = hit.channel;
      view.rearrange();
    });
}

/** @type {(view: View, event: KeyboardEvent) => void} */
export function pressResult(view, event) {
  const { clock, walk } = view;
  /** @type {Record<string, number>} */
  const moves = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -walk.columns,
    ArrowDown: walk.columns,
    Home: -walk.count,
    End: walk.count,
  };
  if (!(event.key in moves) || hasModifier(event) || !walk.count) return;
  event.preventDefault();
  goTo(clock, within(clock.at + moves[event.key], 0, walk.count - 1));
}
