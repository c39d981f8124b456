// What pointer and keys do on the pad.
import { ARROWS, hasModifier, shareIn } from "../../live/gestures.js";
import { within } from "../../live/numbers.js";
import { change, clear, drawing, submit } from "./pad_change.js";
import { paintPad } from "./pad_paint.js";
import { CELLS, erased, isFull, PAD, pointCount, redo, remember, undo, withCell } from "./pad_strokes.js";

/** @import { View } from "./pad.js" */
/** @import { Drawing, Point } from "./pad_strokes.js" */

const STEP = 8; // pad units a press of an arrow key moves the pen

/** @type {(view: View) => void} */
export function listenToPointer(view) {
  const { canvas } = view;
  /** @type {(event: PointerEvent) => [number, number, number]} */
  const place = (event) => {
    const { x, y } = shareIn(canvas, event);
    return [x * PAD, y * PAD, event.pointerType === "pen" && event.pressure ? 0.4 + 1.2 * event.pressure : 1];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if ((event.button !== 0 && event.pointerType === "mouse") || view.pointer !== null) return;
    canvas.setPointerCapture(event.pointerId);
    view.pointer = event.pointerId; // a second finger, or the palm, draws nothing
    view.pressedAt = event.timeStamp;
    view.cursor = null;
    begin(view, place(event));
    event.preventDefault();
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!view.stroke || event.pointerId !== view.pointer) return;
    view.pressedAt = event.timeStamp;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) extend(view, place(one));
    paintPad(view);
    submit(view);
  });
  for (const type of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"]))
    canvas.addEventListener(type, (event) => {
      if (event.pointerId !== view.pointer) return;
      view.pointer = null;
      endStroke(view);
    });
}

// A stroke under way changes the drawing point by point, and is one step for undo.
/** @type {(view: View, point: Point) => void} */
function begin(view, point) {
  if (view.tool === "pen" && isFull(drawing(view), view.limits)) return;
  view.stroke = { before: view.history, ink: cellAt(drawing(view), point) ? 0 : 255 };
  view.history = remember(
    view.history,
    view.tool === "pen" ? { ...drawing(view), strokes: [...drawing(view).strokes, []], cells: null } : drawing(view),
  );
  extend(view, point);
  paintPad(view);
  submit(view);
}

/** @type {(drawing: Drawing, point: Point) => number} */
const cellAt = ({ cells }, [x, y]) =>
  cells?.[Math.floor((y / PAD) * CELLS) * CELLS + Math.floor((x / PAD) * CELLS)] ?? 0;

/** @type {(view: View, point: Point) => void} */
function extend(view, [x, y, width = 1]) {
  const { now } = view.history;
  if (view.tool === "pen") {
    if (pointCount(now) >= view.limits.points) return;
    const stroke = now.strokes.at(-1) ?? [];
    const [a, b] = stroke.at(-1) ?? [Infinity, 0];
    if (Math.hypot(x - a, y - b) < 0.5) return;
    view.history.now = {
      ...now,
      strokes: [...now.strokes.slice(0, -1), [...stroke, [round(x), round(y), Math.round(width * 100) / 100]]],
    };
  } else if (view.tool === "eraser") {
    view.history.now = erased(now, x, y, now.pen / 2 + 4);
    if (now.cells)
      view.history.now = withCell(view.history.now, Math.floor((x / PAD) * CELLS), Math.floor((y / PAD) * CELLS), 0);
  } else {
    view.history.now = {
      ...withCell(now, Math.floor((x / PAD) * CELLS), Math.floor((y / PAD) * CELLS), view.stroke?.ink ?? 255),
      strokes: [],
    };
  }
}

/** @type {(value: number) => number} */
const round = (value) => Math.round(value * 10) / 10;

/** @type {(view: View) => void} */
export function endStroke(view) {
  if (!view.stroke) return;
  const { before } = view.stroke;
  change(view, view.history.now === before.now ? before : view.history);
}

/** @type {(view: View, event: KeyboardEvent) => void} */
export function pressKey(view, event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z")
    change(view, (event.shiftKey ? redo : undo)(view.history));
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y") change(view, redo(view.history));
  else if (hasModifier(event)) return;
  else if (event.key in ARROWS) {
    const step = view.tool === "cells" ? PAD / CELLS : event.shiftKey ? 2 : STEP;
    const [x, y] = view.cursor ?? [PAD / 2, PAD / 4];
    view.cursor = [x + ARROWS[event.key][1] * step, y + ARROWS[event.key][0] * step].map((at) =>
      within(at, 2, PAD - 2),
    );
    if (view.stroke) {
      view.pressedAt = event.timeStamp;
      extend(view, view.cursor);
      submit(view);
    }
    paintPad(view);
  } else if (event.key === " ") {
    view.cursor ??= [PAD / 2, PAD / 4];
    view.pressedAt = event.timeStamp;
    view.stroke ? endStroke(view) : begin(view, view.cursor);
  } else if (event.key === "Escape") endStroke(view);
  else if (event.key === "Delete" || event.key === "Backspace") clear(view);
  else return;
  event.preventDefault();
}
