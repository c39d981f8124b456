// A layer's values as painters and words need them, and its silent units.
import { ramp, role } from "../../live/palette.js";

/** @import { Message, View } from "./digit_flow.js" */

/** @type {(message: Message, layer: number) => { data: Int16Array, shape: number[], limit: number }} */
export function layerValues({ arrays }, layer) {
  return layer < 0 ? { ...arrays.input, limit: 1 } : { ...arrays[`layer${layer}`], limit: arrays.limits.data[layer] };
}

/** @type {(view: View, layer: number) => { signed: boolean, end: number, colours: Ramp }} */
export function flowRamp({ message, theme }, layer) {
  if (layer < 0) return { signed: false, end: 1, colours: ramp("ink", theme.dark) };
  const { signed, end } = message.header.layers[layer];
  return { signed, end, colours: ramp(signed ? "diverging" : "sequential", theme.dark) };
}

// A unit is silent when nothing in it is positive and its layer never answers below zero.
/** @type {(message: Message, layer: number, unit: number) => boolean} */
export function isSilent(message, layer, unit) {
  const { data, shape } = layerValues(message, layer);
  if (message.header.layers[layer].signed || message.header.layers[layer].kind === "outputs") return false;
  const size = data.length / shape[0];
  for (let i = unit * size; i < (unit + 1) * size; i++) if (data[i] > 0) return false;
  return true;
}

// Hollow, with a stroke through it: no colour of the ramp looks like this.
/** @type {(view: View, pen: Pen, x: number, y: number, wide: number, high: number) => void} */
export function silentUnit({ theme }, pen, x, y, wide, high) {
  pen.strokeStyle = role("silent", theme.dark);
  pen.lineWidth = 1;
  pen.strokeRect(x + 0.5, y + 0.5, wide - 1, high - 1);
  pen.beginPath();
  pen.moveTo(x + wide * 0.3, y + high * 0.7);
  pen.lineTo(x + wide * 0.7, y + high * 0.3);
  pen.stroke();
}
