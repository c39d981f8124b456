// Painting footprints on the picture: by arithmetic (inside bright, outside faded) and as measured.
import { clearedPen, fitCanvas, framed } from "../../../live/canvas.js";
import { ramp, shadeOf } from "../../../live/palette.js";

/** @import { UnitCell } from "../../../live/messages.js" */
/** @import { View } from "./field.js" */
/** @typedef {{ top: number, bottom: number, left: number, right: number }} Footprint */

// The pixels that a cell sees: { top, bottom, left, right }; all that reaches its layer where that has no cells.
/** @type {(view: View) => Footprint} */
export function footprintOf({ message, selected: { layer, cell } }) {
  const {
    sees,
    covers: [start, stop],
  } = message.header.layers[layer];
  if (!sees.length || cell === null) return { top: start, bottom: stop, left: start, right: stop };
  const [[top, bottom], [left, right]] = [sees[Math.floor(cell / sees.length)], sees[cell % sees.length]];
  return { top, bottom, left, right };
}

/** @type {(footprint: Footprint, row: number, column: number) => boolean} */
const inFootprint = ({ top, bottom, left, right }, row, column) =>
  row >= top && row < bottom && column >= left && column < right;

/** @type {(view: View) => void} */
export function paintFootprint(view) {
  const { message, theme, seen } = view;
  const {
    data,
    shape: [side],
  } = message.arrays.input;
  const { css } = ramp("ink", theme.dark);
  const { pen, cell } = openPicture(view, seen.canvas, side);
  const lit = footprintOf(view);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const inside = inFootprint(lit, row, column);
      pen.globalAlpha = inside ? 1 : 0.3;
      pen.fillStyle = css(shadeOf(data[row * side + column], false));
      pen.fillRect(column * cell, row * cell, cell, cell);
      if (!inside) continue;
      pen.globalAlpha = 0.28;
      pen.fillStyle = theme.accent;
      pen.fillRect(column * cell, row * cell, cell, cell);
    }
  }
  pen.globalAlpha = 1;
  outlineFootprint(pen, theme, lit, cell);
}

/** @type {(view: View) => void} */
export function paintMeasured(view) {
  const { message, theme, felt } = view;
  const { data } = message.arrays.measured;
  const [side] = message.arrays.input.shape;
  const fits = measuredFits(view);
  felt.figure.classList.toggle("waiting", !fits);
  const { pen, cell } = openPicture(view, felt.canvas, side);
  if (fits) {
    const { css } = ramp("sequential", theme.dark);
    const most = Math.max(...data) || 1;
    for (let at = 0; at < side * side; at++) {
      pen.fillStyle = css(shadeOf(data[at] / most, false));
      pen.fillRect((at % side) * cell, Math.floor(at / side) * cell, cell + 0.5, cell + 0.5);
    }
  }
  outlineFootprint(pen, theme, footprintOf(view), cell);
}

/** @type {(one: UnitCell, other: UnitCell) => boolean} */
export const isSameUnit = (one, other) =>
  one.layer === other.layer && one.unit === other.unit && one.cell === other.cell;

// Between a choice and the server's answer the measured picture is still another unit's.
/** @type {(view: View) => boolean} */
export function measuredFits({ message, selected }) {
  const { measured } = message.header;
  return Boolean(measured) && isSameUnit(measured, selected);
}

/** @type {(view: View, canvas: HTMLCanvasElement, side: number) => { pen: Pen, cell: number }} */
function openPicture(view, canvas, side) {
  const cell = Math.max(4, Math.floor(view.pictureSide / side));
  fitCanvas(canvas, cell * side, cell * side, view.ratio);
  const pen = clearedPen(canvas, view.ratio);
  return { pen, cell };
}

/** @type {(pen: Pen, theme: Theme, footprint: Footprint, cell: number) => void} */
function outlineFootprint(pen, theme, { top, bottom, left, right }, cell) {
  const inset = 1.25;
  const [width, height] = [(right - left) * cell - 2 * inset, (bottom - top) * cell - 2 * inset];
  framed(pen, theme, left * cell + inset, top * cell + inset, width, height, 2.5, 2);
}
