import assert from "node:assert/strict";
import test from "node:test";
import { pressKey } from "../../../../nn_viz/ui/widgets/pad/pad_input.js";
import { empty, history } from "../../../../nn_viz/ui/widgets/pad/pad_strokes.js";

// A pad that nothing has been shown to yet: it paints nothing, and there is nobody to tell.
const newPad = () => ({
  history: history(empty()),
  tool: "pen",
  stroke: null,
  cursor: null,
  revision: 0,
  pressedAt: 0,
  theme: null,
  asking: { ask() {} },
});

const press = (pad, key, more = {}) => pressKey(pad, { key, timeStamp: 0, preventDefault() {}, ...more });

test("the arrow keys draw while the pen is down", () => {
  const pad = newPad();
  for (const key of [" ", "ArrowRight", "ArrowDown", " ", "ArrowRight"]) press(pad, key);
  assert.deepEqual(
    pad.history.now.strokes.map((stroke) => stroke.length),
    [3],
  );
});

test("undo under a pen that is down lifts it", () => {
  for (const before of [[], [" ", "ArrowRight", " ", "ArrowDown"]]) {
    const pad = newPad();
    for (const key of before) press(pad, key);
    const { strokes } = pad.history.now;
    press(pad, " ");
    press(pad, "ArrowRight");
    press(pad, "z", { ctrlKey: true });
    press(pad, "ArrowRight");
    assert.deepEqual(pad.history.now.strokes, strokes);
    assert.equal(pad.stroke, null);
  }
});
