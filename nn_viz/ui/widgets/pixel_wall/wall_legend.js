// What stands below a wall of pictures: its caption, the sign for silent pixels, and the colour scale.
import { make } from "../../live/elements.js";

/** @import { WallMessage } from "./wall_paint.js" */

/** @type {(message: WallMessage, row: number, column: number) => string} */
export const silentWords = ({ arrays }, row, column) =>
  arrays.mask.data[row * arrays.values.shape[2] + column] === 1 ? " (silent: no picture inks this pixel)" : "";

/**
 * Write the legend, unless it says the same already: `numbers` along the scale, whose colours are `stops`.
 * @type {(legend: HTMLElement, message: WallMessage, numbers: string[], stops: readonly string[], caption?: string) => void}
 */
export function writeLegend(legend, { arrays }, numbers, stops, caption) {
  const isMasked = arrays.mask.data.length > 0;
  const markings = JSON.stringify([caption, numbers, isMasked, stops]);
  if (legend.dataset.markings === markings) return;
  legend.dataset.markings = markings;
  legend.replaceChildren();
  if (caption !== undefined) make("span", { className: "caption", textContent: caption }, legend);
  if (isMasked) make("span", { className: "silent", textContent: "silent: no picture inks it" }, legend);
  legend.classList.toggle("masked", isMasked);
  const scale = make("span", { className: "scale", role: "img" }, legend);
  scale.setAttribute("aria-label", `colour scale from ${numbers[0]} to ${numbers.at(-1)}`);
  make("span", { className: "bar" }, scale).style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  const row = make("span", { className: "numbers" }, scale);
  for (const number of numbers) make("span", { textContent: number }, row);
}
