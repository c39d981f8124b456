// Painting the lens over a wall of one neuron: the marks on its pixels, the words for them, the colour scale.
import { penOf } from "../../../live/canvas.js";
import { make } from "../../../live/elements.js";
import { written } from "../../../live/numbers.js";
import { ramp } from "../../../live/palette.js";
import { wallValue } from "../../../widgets/pixel_wall/wall_paint.js";

/** @import { Lens } from "../../../live/messages.js" */
/** @import { WallLayout, WallPlace } from "../../../widgets/pixel_wall/wall_layout.js" */
/** @import { View } from "./lens.js" */

// A single picture has no name above it, and stands in the middle.
/** @type {(layout: WallLayout, maxWidth: number) => void} */
export function centre(layout, maxWidth) {
  Object.assign(layout.tiles[0], { x: Math.floor((maxWidth - layout.tileWidth) / 2), y: layout.gap });
  Object.assign(layout, { label: 0, height: layout.tileHeight + 2 * layout.gap });
}

/** @type {(view: View) => void} */
export function markPixels(view) {
  const { canvas, theme, ratio, pixel, cursor, under, keys, message } = view;
  const pen = penOf(canvas);
  const chosen = message.header.selectable;
  if (under && chosen) outline(view, pen, under, theme.text, 1.5 * ratio);
  if (pixel && chosen) {
    outline(view, pen, pixel, theme.background, 5 * ratio);
    outline(view, pen, pixel, theme.accent, 3 * ratio);
  }
  if (keys && cursor && chosen) outline(view, pen, cursor, theme.text, 2 * ratio, [3 * ratio, 3 * ratio]);
}

/** @type {(view: View, pen: Pen, place: WallPlace, colour: string, thickness: number, dashes?: number[]) => void} */
function outline({ layout, message }, pen, { index, row, column }, colour, thickness, dashes = []) {
  const [, height, width] = message.arrays.values.shape;
  const { tiles, tileWidth, tileHeight } = layout;
  const [w, h] = [tileWidth / width, tileHeight / height];
  pen.setLineDash(dashes);
  pen.lineWidth = thickness;
  pen.strokeStyle = colour;
  pen.strokeRect(tiles[index].x + column * w - 1, tiles[index].y + row * h - 1, w + 2, h + 2);
  pen.setLineDash([]);
}

/** @type {(message: Lens, place: WallPlace) => string} */
export function words(message, { index, row, column }) {
  const { header, arrays } = message;
  const value = wallValue(message, index, row, column);
  const silent = arrays.mask.data[row * arrays.values.shape[2] + column] === 1;
  const source = header.labels[index] ? `${header.noun} ${header.labels[index]} \u00b7 ` : "";
  const place = arrays.values.shape[1] > 1 ? `row ${row + 1}, column ${column + 1} \u00b7 ` : "";
  return `${source}${place}${header.quantity} ${written(value ?? 0)}${silent ? " (silent: no picture inks this pixel)" : ""}`;
}

/** @type {(view: View) => void} */
export function drawScale({ legend, message, theme }) {
  const { header, arrays } = message;
  const { stops } = ramp("diverging", theme.dark);
  /** @type {(minus: boolean, end: number) => string} */
  const sign = (minus, end) =>
    `${header.clipped ? (minus ? "\u2264 " : "\u2265 ") : ""}${minus ? "\u2212" : "+"}${end}`;
  const numbers = [sign(true, header.end), "0", sign(false, header.end)];
  const markings = JSON.stringify([numbers, arrays.mask.data.length, stops]);
  if (legend.dataset.markings === markings) return;
  legend.dataset.markings = markings;
  legend.replaceChildren();
  if (arrays.mask.data.length) make("span", { className: "silent", textContent: "silent: no picture inks it" }, legend);
  legend.classList.toggle("masked", arrays.mask.data.length > 0);
  const scale = make("span", { className: "scale", role: "img" }, legend);
  scale.setAttribute("aria-label", `colour scale from ${numbers[0]} to ${numbers.at(-1)}`);
  make("span", { className: "bar" }, scale).style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  const row = make("span", { className: "numbers" }, scale);
  for (const number of numbers) make("span", { textContent: number }, row);
}
