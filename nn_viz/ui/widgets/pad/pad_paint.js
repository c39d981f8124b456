// Painting the pad: what is drawn, the grid, the pen of those who draw with the keyboard.
import { fitCanvas, penOf } from "../../live/canvas.js";
import { ramp, role, SHADES, shadeOf } from "../../live/palette.js";
import { CELLS, isEmpty, isFull, PAD } from "./pad_strokes.js";

/** @import { View } from "./pad.js" */
/** @import { Point } from "./pad_strokes.js" */
/** @typedef {keyof typeof TOOLS} Tool */

export const TOOLS = { pen: "Pen", eraser: "Eraser", cells: "Grid" };

/** @type {(view: View) => void} */
export function paintPad(view) {
  const { root, canvas, theme } = view;
  if (!theme) return;
  const side = Math.min(root.clientWidth, 320);
  const ratio = window.devicePixelRatio || 1;
  fitCanvas(canvas, side, side, ratio);
  const pen = penOf(canvas);
  const unit = (side * ratio) / PAD;
  pen.setTransform(unit, 0, 0, unit, 0, 0);
  pen.clearRect(0, 0, PAD, PAD);
  const { strokes, cells, pen: width } = view.history.now;
  const { css } = ramp("ink", theme.dark);
  if (view.tool === "cells" || cells) paintGrid(pen, role("muted", theme.dark));
  cells?.forEach((ink, i) => {
    if (!ink) return;
    pen.fillStyle = css(shadeOf(ink / 255, false));
    pen.fillRect((i % CELLS) * (PAD / CELLS), Math.floor(i / CELLS) * (PAD / CELLS), PAD / CELLS, PAD / CELLS);
  });
  Object.assign(pen, { lineCap: "round", lineJoin: "round", strokeStyle: css(SHADES - 1), fillStyle: css(SHADES - 1) });
  for (const stroke of strokes) paintStroke(pen, stroke, width);
  if (view.cursor) paintCursor(pen, view.cursor, view.stroke ? theme.accent : role("muted", theme.dark));
  describePad(view);
}

// A pen that is pressed draws a wider line: each piece has a width of its own. A tap is a dot.
/** @type {(pen: Pen, stroke: Point[], width: number) => void} */
function paintStroke(pen, stroke, width) {
  stroke.forEach(([x, y, times = 1], i) => {
    const [a, b] = stroke[Math.max(0, i - 1)];
    if (i === 0 && stroke.length > 1) return;
    pen.lineWidth = width * times;
    pen.beginPath();
    pen.moveTo(a, b);
    pen.lineTo(x + (stroke.length === 1 ? 0.01 : 0), y);
    pen.stroke();
  });
}

/** @type {(pen: Pen, colour: string) => void} */
function paintGrid(pen, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 0.3;
  pen.beginPath();
  for (let at = PAD / CELLS; at < PAD; at += PAD / CELLS) {
    pen.moveTo(at, 0);
    pen.lineTo(at, PAD);
    pen.moveTo(0, at);
    pen.lineTo(PAD, at);
  }
  pen.stroke();
}

/** @type {(pen: Pen, at: Point, colour: string) => void} */
function paintCursor(pen, [x, y], colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x - 9, y);
  pen.lineTo(x + 9, y);
  pen.moveTo(x, y - 9);
  pen.lineTo(x, y + 9);
  pen.stroke();
}

/** @type {(view: View) => void} */
function describePad({ buttons, slider, history: { past, future, now }, tool, hint, full, limits }) {
  slider.value = String(now.pen);
  for (const name of Object.keys(TOOLS)) buttons[name].setAttribute("aria-pressed", String(name === tool));
  buttons.undo.disabled = !past.length;
  buttons.redo.disabled = !future.length;
  buttons.clear.disabled = isEmpty(now);
  hint.hidden = !isEmpty(now);
  full.hidden = !isFull(now, limits);
}
