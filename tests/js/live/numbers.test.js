import assert from "node:assert/strict";
import test from "node:test";
import { within, written } from "../../../nn_viz/ui/live/numbers.js";

test("numbers for people: three digits or so, a real minus sign, no signed zero", () => {
  assert.deepEqual(
    [0.1234, -0.1234, 12.345, -123.456, 0.0001, -0.0001].map((value) => written(value)),
    ["+0.123", "\u22120.123", "+12.35", "\u2212123.5", "0.000", "0.000"],
  );
  assert.equal(written(0.5, false), "0.500");
});

test("within limits", () => {
  assert.deepEqual(
    [-1, 0.5, 9, Number.NEGATIVE_INFINITY].map((value) => within(value, 0, 2)),
    [0, 0.5, 2, 0],
  );
});
