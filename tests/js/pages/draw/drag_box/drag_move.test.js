import assert from "node:assert/strict";
import test from "node:test";
import {
  AT_REST,
  dragged,
  FRAME,
  figures,
  grips,
  isAtRest,
  nudged,
  STAGE,
  STALK,
  tidy,
} from "../../../../../nn_viz/ui/pages/draw/drag_box/drag_move.js";

// As in duel_views.py.
const LIMITS = [
  [-12, 12],
  [-12, 12],
  [-180, 180],
  [0.4, 1.8],
];

test("dragging slides, turns and scales", () => {
  assert.deepEqual(dragged("slide", [1, 2, 30, 1.5], [0, 0], [3.04, -1], LIMITS), [4, 1, 30, 1.5]);
  // From straight above the middle of a picture that was slid, to its right: a quarter clockwise.
  assert.deepEqual(dragged("turn", [3, 0, 10, 1], [3, -8], [9, 0], LIMITS), [3, 0, 100, 1]);
  assert.deepEqual(dragged("size", [3, 0, 0, 0.8], [6, 4], [9, 8], LIMITS), [3, 0, 0, 1.6]);
});

test("a move stays within the limits, and has no minus zero", () => {
  assert.deepEqual(tidy([99, -99, 190, 9], LIMITS), [12, -12, -170, 1.8]);
  assert.deepEqual(tidy([-0.01, 0, -180, 0.1], LIMITS), [0, 0, 180, 0.4]);
});

test("keys slide, turn, scale and put back; other keys do nothing", () => {
  const keys = ["ArrowRight", "ArrowDown", "]", "+", "=", "-", "[", "ArrowLeft", "ArrowUp"];
  const walked = keys.reduce((all, key) => [...all, nudged(all.at(-1), key, LIMITS)], [AT_REST]);
  assert.deepEqual(
    [walked[3], walked[5], walked.at(-1)],
    [
      [1, 1, 5, 1],
      [1, 1, 5, 1.2],
      [0, 0, 0, 1.1],
    ],
  );
  assert.deepEqual(nudged([1, 2, 3, 1.5], "Home", LIMITS), AT_REST);
  for (const key of ["a", "Tab", "constructor"]) assert.equal(nudged(AT_REST, key, LIMITS), null);
});

test("the handles stay within reach", () => {
  for (const turned of [0, 45, 90, -135]) {
    const { turn, size } = grips([12, -12, turned, 1.8]);
    assert.ok(Math.max(...[...turn, ...size].map(Math.abs)) < STAGE / 2);
  }
  const { turn, top, size, corners } = grips(AT_REST);
  assert.deepEqual(turn, [0, top[1] - STALK]);
  assert.deepEqual(
    [size, corners[2]],
    [
      [FRAME, FRAME],
      [FRAME, FRAME],
    ],
  );
});

test("a move in figures", () => {
  assert.equal(
    figures([-3.2, 1, -20, 1.2]),
    "left 3.2 \u00b7 down 1 \u00b7 turned \u221220\u00b0 \u00b7 size \u00d7 1.2",
  );
  assert.equal(figures(AT_REST), "not moved");
  assert.deepEqual([isAtRest(AT_REST), isAtRest([0, 0, 1, 1])], [true, false]);
});
