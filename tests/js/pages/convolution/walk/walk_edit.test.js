import assert from "node:assert/strict";
import test from "node:test";
import { adopt, afterEdit, newEdit } from "../../../../../nn_viz/ui/pages/convolution/walk/walk_edit.js";

globalThis.window = {}; // the connection lives on it; without a socket it keeps what was chosen
const WEIGHTS = { data: Float32Array.of(1, 2), shape: [1, 1, 2] };
const message = (key, ink) => ({
  header: { key, editable: true },
  arrays: { input: { data: Float32Array.from(ink), shape: [1, 1, 2] }, weights: WEIGHTS },
});

test("a weight typed while the server has not answered the drawing is recognised in its answer", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const view = { edit: newEdit(), edited() {} };
  adopt(view, message("00|1,2", [0, 0]));
  view.cells.data[0] = 1;
  afterEdit(view, "canvas");
  t.mock.timers.tick(250);
  view.weights.data[0] = 3;
  afterEdit(view, "kernel");
  t.mock.timers.tick(250);
  adopt(view, message("f0|3,2", [1, 0])); // both in one answer
  assert.deepEqual([view.edit.sentKeys, view.edit.history, view.edit.key], [[], [], "f0|3,2"]);
  assert.deepEqual([...view.weights.data], [3, 2]);
});
