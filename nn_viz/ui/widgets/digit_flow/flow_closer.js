// Below the flow: one cell looked at closely. The pixels it sees, and for the filters on the picture its whole sum.
import { fitCanvas, hatch, penOf } from "../../live/canvas.js";
import { make, writeNotes } from "../../live/elements.js";
import { placeIn } from "../../live/gestures.js";
import { written } from "../../live/numbers.js";
import { ramp, shadeOf } from "../../live/palette.js";
import { closerContent } from "./flow_sum.js";
import { unitWords } from "./flow_words.js";

/** @import { View } from "./digit_flow.js" */
/** @import { Grid } from "./flow_sum.js" */

/**
 * @typedef {Grid & { x: number, y: number, side: number, wide: number }} PlacedGrid
 * @typedef {{ box: HTMLElement, head: HTMLElement, title: HTMLElement, canvas: HTMLCanvasElement, words: HTMLElement,
 *   grids: PlacedGrid[] }} Closer
 */

const CLOSER = { largest: 34, widest: 190, printed: 25, gap: 30, title: 18 };

/** @type {(view: View, onClose: () => void) => Closer} */
export function buildCloser(view, onClose) {
  const box = make("div", { className: "closer", hidden: true, role: "group" }, view.root);
  box.setAttribute("aria-label", "One cell, looked at closely");
  const head = make("div", { className: "head" }, box);
  const title = make("strong", {}, head);
  make("button", { className: "close", textContent: "Close", type: "button" }, head).addEventListener("click", onClose);
  const canvas = make("canvas", { role: "img" }, box);
  const words = make("div", { className: "words" }, box);
  for (const type of /** @type {const} */ (["pointermove", "click"]))
    canvas.addEventListener(type, (event) => nameValue(view, event));
  canvas.addEventListener("pointerleave", () => view.tip.hide());
  return { box, head, title, canvas, words, grids: [] };
}

/** @type {(view: View) => void} */
export function showCloser(view) {
  const { closer, cell } = view;
  if (!closer) return;
  closer.box.hidden = !cell;
  if (!cell) return;
  const { grids: found, sentences } = closerContent(view, cell);
  const pen = penOf(closer.canvas);
  pen.font = `12px ${view.theme.font}`;
  const grids = placedGrids(found, closer.head.clientWidth, (text) => pen.measureText(text).width);
  closer.grids = grids;
  const last = grids[grids.length - 1];
  fitCanvas(
    closer.canvas,
    last.x + last.wide + 2,
    CLOSER.title + Math.max(...grids.map(({ rows, side }) => rows * side)) + 2,
    view.ratio,
  );
  const cells = view.message.header.layers[cell.layer].sees.length;
  closer.title.textContent = unitWords(view, { ...cell, u: (cell.column + 0.5) / cells, v: (cell.row + 0.5) / cells });
  writeNotes(closer.words, sentences);
  closer.canvas.setAttribute("aria-label", sentences.join(" "));
  pen.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  pen.clearRect(0, 0, closer.canvas.width, closer.canvas.height);
  grids.forEach((grid) => paintGrid(view, pen, grid));
}

// Side by side, each value as large as the room allows.
/** @type {(grids: Grid[], maxWidth: number, measure: (text: string) => number) => PlacedGrid[]} */
function placedGrids(grids, maxWidth, measure) {
  const across = grids.reduce((sum, { columns }) => sum + columns, 0);
  const fitting = (maxWidth - CLOSER.gap * (grids.length - 1) - 4) / across;
  let right = 1 - CLOSER.gap;
  return grids.map((grid) => {
    const most = Math.min(CLOSER.largest, fitting, CLOSER.widest / Math.max(grid.rows, grid.columns));
    const side = Math.max(3, most);
    const wide = Math.max(grid.columns * side, measure(grid.title));
    const x = right + CLOSER.gap;
    right = x + wide;
    return { ...grid, x, y: CLOSER.title, side, wide };
  });
}

/** @type {(view: View, pen: Pen, grid: PlacedGrid) => void} */
function paintGrid({ theme, ratio }, pen, { title, sign, x, y, side, rows, columns, values, colours, end }) {
  const { css, ink } = ramp(colours, theme.dark);
  pen.font = `12px ${theme.font}`;
  pen.fillStyle = theme.text;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  pen.fillText(title, x, y - 6);
  pen.font = `600 16px ${theme.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(sign, x - CLOSER.gap / 2, y + (rows * side) / 2);
  pen.font = `${Math.round(Math.min(12, side / 2.4))}px ${theme.font}`;
  const border = values.includes(null) ? hatch(pen, theme, 1) : null;
  values.forEach((value, i) => {
    const [left, top] = [x + (i % columns) * side, y + Math.floor(i / columns) * side];
    const shade = shadeOf((value ?? 0) / end, colours === "diverging");
    pen.fillStyle = value === null && border ? border : css(shade);
    pen.fillRect(left, top, side + 0.5, side + 0.5);
    if (side < CLOSER.printed || value === null) return;
    pen.fillStyle = ink(shade);
    pen.fillText(
      Math.abs(value) < 0.005 ? "0.00" : written(value, false).slice(0, value < 0 ? 5 : 4),
      left + side / 2,
      top + side * 0.53,
    );
  });
  pen.strokeStyle = theme.dark ? "#ffffff40" : "#00000040";
  pen.lineWidth = 1 / ratio;
  pen.strokeRect(x, y, columns * side, rows * side);
}

// "pixel row 5, column 7 · 0.82" for a point of the canvas, or null.
/** @type {(closer: Closer, x: number, y: number) => string | null} */
function closerWords({ grids }, x, y) {
  for (const grid of grids) {
    const [row, column] = [Math.floor((y - grid.y) / grid.side), Math.floor((x - grid.x) / grid.side)];
    if (row < 0 || column < 0 || row >= grid.rows || column >= grid.columns) continue;
    const value = grid.values[row * grid.columns + column];
    const words = value === null ? "outside the picture: 0" : written(value, grid.colours === "diverging");
    return `${grid.name} row ${grid.top + row + 1}, column ${grid.left + column + 1} \u00b7 ${words}`;
  }
  return null;
}

/** @type {(view: View, event: PointerEvent) => void} */
function nameValue({ closer, tip }, event) {
  if (!closer) return;
  const { canvas } = closer;
  const { x, y } = placeIn(canvas, event);
  const words = closerWords(closer, x, y);
  if (words) tip.show(canvas.offsetLeft + x, canvas.offsetTop + y, words);
  else tip.hide();
}
