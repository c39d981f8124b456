// Painting the lens over a wall of one neuron: the marks on its pixels, the words for them, the colour scale.
import { penOf } from "../../../live/canvas.js";
import { written } from "../../../live/numbers.js";
import { ramp } from "../../../live/palette.js";
import { wallLayout } from "../../../widgets/pixel_wall/wall_layout.js";
import { silentWords, writeLegend } from "../../../widgets/pixel_wall/wall_legend.js";
import { wallValue } from "../../../widgets/pixel_wall/wall_paint.js";

/** @import { Lens } from "../../../live/messages.js" */
/** @import { WallLayout, WallOptions, WallPlace } from "../../../widgets/pixel_wall/wall_layout.js" */
/** @import { View } from "./lens.js" */

// As a wall, but a single picture has no name above it, and stands in the middle.
/** @type {(options: WallOptions) => WallLayout} */
export function lensLayout(options) {
  const layout = wallLayout(options);
  const { tiles, tileWidth, tileHeight, gap } = layout;
  if (tiles.length > 1) return layout;
  const tile = { x: Math.floor((options.maxWidth - tileWidth) / 2), y: gap };
  return { ...layout, tiles: [tile], label: 0, height: tileHeight + 2 * gap };
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
  const source = header.labels[index] ? `${header.noun} ${header.labels[index]} \u00b7 ` : "";
  const place = arrays.values.shape[1] > 1 ? `row ${row + 1}, column ${column + 1} \u00b7 ` : "";
  return `${source}${place}${header.quantity} ${written(value ?? 0)}${silentWords(message, row, column)}`;
}

/** @type {(view: View) => void} */
export function drawScale({ legend, message, theme }) {
  const { header } = message;
  const { stops } = ramp("diverging", theme.dark);
  /** @type {(minus: boolean, end: number) => string} */
  const sign = (minus, end) =>
    `${header.clipped ? (minus ? "\u2264 " : "\u2265 ") : ""}${minus ? "\u2212" : "+"}${end}`;
  const numbers = [sign(true, header.end), "0", sign(false, header.end)];
  writeLegend(legend, message, numbers, stops);
}
