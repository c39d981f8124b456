import assert from "node:assert/strict";
import test from "node:test";
import {
  CELLS,
  empty,
  erased,
  history,
  redo,
  remember,
  undo,
  withCell,
} from "../../../../nn_viz/ui/widgets/pad/pad_strokes.js";

const LINE = [
  [0, 50, 1],
  [200, 50, 2],
];

test("an eraser cuts a line also between its points", () => {
  const [left, right] = erased({ strokes: [LINE], cells: null }, 100, 50, 10).strokes;
  assert.deepEqual(
    [left[0].slice(0, 2), right.at(-1).slice(0, 2)],
    [
      [0, 50],
      [200, 50],
    ],
  );
  const [end, start] = [left.at(-1)[0], right[0][0]];
  assert.ok(end >= 85 && end < 90 && start > 110 && start <= 115);
});

test("what an eraser leaves keeps the width of the line", () => {
  for (const [x, , width] of erased({ strokes: [LINE], cells: null }, 100, 50, 10).strokes.flat()) {
    assert.ok(Math.abs(width - (1 + x / 200)) < 1e-9);
  }
});

test("an eraser elsewhere changes nothing, not even the points", () => {
  const strokes = [LINE];
  assert.equal(erased({ strokes, cells: null }, 100, 90, 10).strokes, strokes);
});

test("undo and redo walk the same way back, and a new step ends what could be redone", () => {
  let h = [1, 2, 3].reduce(remember, history(0));
  const seen = [undo, undo, undo, undo, redo, redo].map((step) => {
    h = step(h);
    return h.now;
  });
  assert.deepEqual(seen, [2, 1, 0, 0, 1, 2]);
  h = remember(h, 9);
  assert.deepEqual([redo(h).now, undo(h).now], [9, 2]);
});

test("a cell outside the grid is no cell, and the last one is the last of the list", () => {
  assert.equal(withCell(empty(), CELLS, 0, 255).cells, null);
  assert.equal(withCell(empty(), CELLS - 1, CELLS - 1, 255).cells.indexOf(255), CELLS * CELLS - 1);
});

test("the pen's width belongs to the drawing, whatever is done to it", () => {
  const drawing = { ...empty(30), strokes: [LINE] };
  for (const { pen } of [
    erased(drawing, 100, 50, 10),
    withCell(drawing, 3, 4, 255),
    undo(remember(history(drawing), empty())).now,
  ])
    assert.equal(pen, 30);
});
