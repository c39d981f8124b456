import assert from "node:assert/strict";
import test from "node:test";
import { partOf, plotOf } from "../../../../../nn_viz/ui/pages/draw/shift_curves/curve_layout.js";

test("a curve finds the step under the pointer", () => {
  const { x, y, step } = plotOf([-2, -1, 0, 1, 2], 244, 2);
  assert.deepEqual([-2, 0, 99].map(x), [34, 134, 234]);
  assert.deepEqual([0, x(1) + 4, 999].map(step), [0, 3, 4]);
  assert.ok(y(1) < y(0));
});

test("each transformation has its part of an array of all", () => {
  const all = Float32Array.of(1, 2, 3, 4, 5);
  assert.deepEqual([...partOf([{ values: [1, 2] }, { values: [3, 4, 5] }], 1, all)], [3, 4, 5]);
});
