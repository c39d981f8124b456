import assert from "node:assert/strict";
import test from "node:test";
import { listenToPointer, pressKey } from "../../../../nn_viz/ui/widgets/pad/pad_input.js";
import { empty, history } from "../../../../nn_viz/ui/widgets/pad/pad_strokes.js";

// A pad that nothing has been shown to yet: it paints nothing, and there is nobody to tell.
const newPad = () => ({
  history: history(empty()),
  tool: "pen",
  stroke: null,
  cursor: null,
  pointer: null,
  limits: { strokes: 500, points: 5000 },
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

test("a full pad takes no more ink, and undo makes room again", () => {
  const pad = newPad();
  pad.limits = { strokes: 2, points: 5 };
  for (const key of [" ", "ArrowRight", "ArrowRight", " ", " ", "ArrowDown", "ArrowDown", "ArrowDown", " "])
    press(pad, key);
  const lengths = () => pad.history.now.strokes.map((stroke) => stroke.length);
  assert.deepEqual(lengths(), [3, 2]);
  for (const key of [" ", "ArrowDown", " "]) press(pad, key);
  assert.deepEqual(lengths(), [3, 2]);
  press(pad, "z", { ctrlKey: true });
  for (const key of [" ", "ArrowUp", " "]) press(pad, key);
  assert.deepEqual(lengths(), [3, 2]);
});

test("a second finger neither draws nor ends the stroke of the first", () => {
  const listeners = {};
  const pad = newPad();
  const box = { left: 0, top: 0, width: 280, height: 280 };
  pad.canvas = {
    addEventListener: (type, listener) => Object.assign(listeners, { [type]: listener }),
    setPointerCapture() {},
    getBoundingClientRect: () => box,
    focus() {},
  };
  listenToPointer(pad);
  const send = (type, pointerId, x, y) =>
    listeners[type]({
      pointerId,
      clientX: x,
      clientY: y,
      pointerType: "touch",
      button: 0,
      timeStamp: 0,
      preventDefault() {},
    });
  send("pointerdown", 1, 10, 10);
  send("pointerdown", 2, 200, 200);
  send("pointermove", 2, 210, 210);
  send("pointermove", 1, 20, 20);
  send("pointerup", 2, 210, 210);
  send("pointermove", 1, 30, 30);
  send("pointerup", 1, 30, 30);
  assert.deepEqual(
    pad.history.now.strokes.map((stroke) => stroke.map(([x, y]) => [Math.round(x), Math.round(y)])),
    [
      [
        [10, 10],
        [20, 20],
        [30, 30],
      ],
    ],
  );
});
