import assert from "node:assert/strict";
import test from "node:test";
import {
  beat,
  buildClock,
  goTo,
  playWalk,
  setCount,
} from "../../../../../nn_viz/ui/pages/convolution/walk/walk_clock.js";

// A window of which frames can be drawn one by one.
function frames(t, { reduce = false } = {}) {
  const queue = [];
  t.mock.method(performance, "now", () => 0);
  globalThis.window = { matchMedia: () => ({ matches: reduce }) };
  globalThis.requestAnimationFrame = (act) => queue.push(act);
  globalThis.cancelAnimationFrame = () => {};
  return () => {
    for (let time = 0; queue.length; time += 16) queue.shift()(time);
  };
}

test("the clock walks every step and stands at the end", (t) => {
  const drawAll = frames(t);
  const seen = [];
  const clock = buildClock(() => seen.push([clock.at, clock.part, clock.playing]));
  setCount(clock, 9, 8);
  playWalk(clock);
  drawAll();
  const steps = seen.map(([at]) => at);
  assert.deepEqual([...new Set(steps)], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.ok(seen.every(([, part]) => part >= 0 && part <= 1));
  assert.deepEqual(seen.at(-1), [8, 1, false]);
});

test("it goes to no step that is not there", (t) => {
  frames(t);
  const clock = buildClock(() => {});
  setCount(clock, 9, 4);
  const at = [99, -5].map((step) => {
    goTo(clock, step);
    return clock.at;
  });
  assert.deepEqual(at, [8, 0]);
});

test("who wants less motion sees no window slide and no sum fall", (t) => {
  frames(t, { reduce: true });
  assert.deepEqual(beat({ part: 0.1 }).slide, 1);
  assert.deepEqual(
    [0.69, 0.7].map((part) => beat({ part }).drop),
    [0, 1],
  );
});
