import assert from "node:assert/strict";
import test from "node:test";
import { epochWords, fittingTicks, nearestIndex } from "../../../../nn_viz/ui/widgets/time_slider/time_scale.js";

test("the track's labels never overlap, and the last one is kept", () => {
  const later = Array.from({ length: 20 }, (_, i) => [0.42 + (0.58 * (5 * i + 4)) / 99, 5 * i + 5]);
  const ticks = [[0, 0], [0.42, 1], ...later];
  const kept = fittingTicks(ticks, 300);
  assert.deepEqual([kept[0], kept.at(-1)], [ticks[0], ticks.at(-1)]);
  kept.slice(1, -1).forEach(([place], i) => assert.ok((place - kept[i][0]) * 300 >= 17));
});

test("the nearest snapshot is found, the first of two as near", () => {
  assert.deepEqual(
    [-1, 0.2, 0.25, 0.26, 9].map((at) => nearestIndex([0, 0.5, 1], at)),
    [0, 0, 0, 1, 2],
  );
});

test("epochs in words", () => {
  assert.deepEqual([0, 0.123456, 2, 2.34567].map(epochWords), [
    "before training",
    "epoch 0.12",
    "epoch 2",
    "epoch 2.35",
  ]);
});
