// Lines from unit to unit, the thicker the more flows; and on the digit, the pixels that it comes from.
import { smallPicture } from "../../live/canvas.js";
import { ramp, shadeOf } from "../../live/palette.js";
import { FULL_SCALE } from "../../live/wire.js";

/** @import { View } from "./digit_flow.js" */

/** @type {(view: View, pen: Pen) => void} */
export function paintPaths(view, pen) {
  const { paths } = view.message.header;
  if (!paths || String(paths.of) !== String(view.pointed)) return;
  const { stops } = ramp("diverging", view.theme.dark);
  /** @type {(layer: number, unit: number) => [left: number, right: number, high: number]} */
  const middle = (layer, unit) => {
    const column = view.layout.columns[layer + 1];
    const tile = column.tiles[unit];
    return [column.x + tile.x, column.x + tile.x + column.wide, view.layout.top + tile.y + column.side / 2];
  };
  pen.save();
  pen.lineCap = "round";
  for (const [upper, to, lower, from, strength] of paths.links) {
    const [left, , high] = middle(upper, to);
    const [, right, low] = middle(lower, from);
    pen.strokeStyle = strength > 0 ? stops[stops.length - 1] : stops[0];
    pen.globalAlpha = 0.25 + 0.75 * Math.abs(strength);
    pen.lineWidth = 0.8 + 3.2 * Math.abs(strength);
    pen.beginPath();
    pen.moveTo(right, low);
    pen.bezierCurveTo((right + left) / 2, low, (right + left) / 2, high, left, high);
    pen.stroke();
  }
  pen.restore();
  paintPixelFlow(view, pen);
}

/** @type {(view: View, pen: Pen) => void} */
function paintPixelFlow({ message, layout, theme, ratio }, pen) {
  const { pixelFlow } = message.arrays;
  if (!pixelFlow) return;
  const { data, shape } = pixelFlow;
  const { pixels } = ramp("diverging", theme.dark);
  const atlas = smallPicture(shape[1], shape[0], (colours) =>
    colours.set(Array.from(data, (q) => pixels[shadeOf(q / FULL_SCALE, true)])),
  );
  const [column] = layout.columns;
  // Exactly over the digit (paintUnits), or a rim of it would show.
  const [x, y, side] = [column.x + column.tiles[0].x, layout.top + column.tiles[0].y, column.side].map(
    (at) => Math.round(at * ratio) / ratio,
  );
  pen.drawImage(atlas, x, y, side, side);
}
