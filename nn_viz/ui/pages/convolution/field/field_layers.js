// The layers of a network as blocks of little maps side by side, one unit of them chosen; and their table.

import { clearedPen, fitCanvas, framed, smallPicture } from "../../../live/canvas.js";
import { NOT_YET } from "../../../live/component.js";
import { make, write } from "../../../live/elements.js";
import { ARROWS, hasModifier, placeIn } from "../../../live/gestures.js";
import { within, written } from "../../../live/numbers.js";
import { ramp, shadeOf } from "../../../live/palette.js";
import { FULL_SCALE } from "../../../live/wire.js";
import { gridHit, gridLayout } from "../walk/walk_layout.js";

/** @import { Cell, GridLayout } from "../walk/walk_layout.js" */
/** @import { View } from "./field.js" */

/**
 * A layer: a canvas of its own, in a row that can be scrolled.
 * @typedef {{ figure: HTMLElement, caption: HTMLElement, canvas: HTMLCanvasElement, grid: GridLayout }} Block
 */

const BLOCK = { high: 230, largest: 14, neuron: 24, named: 15, gap: 20 };

/** @type {Record<string, number>} */
const PAGES = { PageUp: -1, PageDown: 1 };

/** @type {(view: View) => void} */
export function layoutLayers(view) {
  const { header, arrays } = view.message;
  const { strip, blocks } = view.layers;
  while (blocks.length > header.layers.length) blocks.pop()?.figure.remove();
  while (blocks.length < header.layers.length) blocks.push(buildBlock(view, strip, blocks.length));
  const maxWidth = Math.max(110, (view.root.clientWidth - BLOCK.gap * header.layers.length) / header.layers.length);
  blocks.forEach((block, index) => {
    const [count, rows, columns] = arrays[`layer${index}`].shape;
    const neurons = header.layers[index].kind === "neurons";
    block.grid = gridLayout({
      count,
      rows,
      columns,
      border: 0,
      head: 0,
      maxWidth: Math.max(maxWidth, 90),
      high: BLOCK.high,
      largest: neurons ? BLOCK.neuron : BLOCK.largest,
    });
    write(block.caption, header.layers[index].title);
    fitCanvas(block.canvas, block.grid.width, block.grid.height, view.ratio);
    block.canvas.setAttribute(
      "aria-label",
      `${header.layers[index].title}: arrow keys choose a ${neurons ? "neuron" : "cell, Page Up and Page Down another map"}.`,
    );
    paintBlock(view, block, index);
  });
}

/** @type {(view: View, strip: Element, index: number) => Block} */
function buildBlock(view, strip, index) {
  const figure = make("figure", {}, strip);
  const block = {
    figure,
    caption: make("figcaption", {}, figure),
    canvas: make("canvas", { tabIndex: 0, role: "application" }, figure),
    grid: /** @type {GridLayout} */ (NOT_YET),
  };
  /** @type {(event: PointerEvent) => Cell | null} */
  const hitOf = (event) => gridHit(block.grid, placeIn(block.canvas, event));
  block.canvas.addEventListener("pointermove", (event) => {
    const hit = hitOf(event);
    const { x, y } = placeIn(view.root, event);
    if (hit) view.tip.show(x, y, unitWords(view, index, hit));
    else view.tip.hide();
  });
  block.canvas.addEventListener("pointerleave", () => view.tip.hide());
  block.canvas.addEventListener("click", (event) => {
    const hit = hitOf(event);
    if (hit) view.select(index, hit.channel, hit.row, hit.column);
  });
  block.canvas.addEventListener("keydown", (event) => pressBlock(view, index, event));
  return block;
}

/** @type {(view: View, index: number, event: KeyboardEvent) => void} */
function pressBlock(view, index, event) {
  const [count, rows, columns] = view.message.arrays[`layer${index}`].shape;
  const own = view.selected.layer === index;
  const { unit, cell } = own ? view.selected : { unit: 0, cell: middleOf(rows, columns) };
  const [row, column] = [Math.floor((cell ?? 0) / columns), (cell ?? 0) % columns];
  const neurons = view.message.header.layers[index].kind === "neurons";
  const move = ARROWS[event.key];
  const page = PAGES[event.key] ?? (neurons && move ? move[0] + move[1] : 0);
  if ((!move && !page) || hasModifier(event)) return;
  event.preventDefault();
  const [down, right] = neurons || !move ? [0, 0] : move;
  view.select(
    index,
    within(unit + page, 0, count - 1),
    within(row + down, 0, rows - 1),
    within(column + right, 0, columns - 1),
  );
}

/** @type {(rows: number, columns: number) => number} */
export const middleOf = (rows, columns) => Math.floor(rows / 2) * columns + Math.floor(columns / 2);

/** @type {(view: View, index: number, cell: Cell) => number} */
function unitValue({ message: { arrays } }, index, { channel, row, column }) {
  const { data, shape } = arrays[`layer${index}`];
  return (data[(channel * shape[1] + row) * shape[2] + column] / FULL_SCALE) * arrays.limits.data[index];
}

/** @type {(view: View, index: number, hit: Cell) => string} */
function unitWords(view, index, hit) {
  const { title, kind } = view.message.header.layers[index];
  const value = written(unitValue(view, index, hit), view.message.header.layers[index].signed);
  if (kind === "neurons")
    return `${title} \u00b7 ${isOutput(view, index) ? hit.channel : `neuron ${hit.channel + 1}`} \u00b7 ${value}`;
  return `${title} \u00b7 map ${hit.channel + 1}, row ${hit.row + 1}, column ${hit.column + 1} \u00b7 ${value}`;
}

/** @type {(view: View, index: number) => boolean} */
const isOutput = ({ message: { header } }, index) => index + 1 === header.layers.length;

/** @type {(view: View, block: Block, index: number) => void} */
export function paintBlock(view, { canvas, grid }, index) {
  const { theme, ratio, message } = view;
  const {
    data,
    shape: [count, rows, columns],
  } = message.arrays[`layer${index}`];
  const { signed } = message.header.layers[index];
  const { pixels, ink } = ramp(signed ? "diverging" : "sequential", theme.dark);
  const pen = clearedPen(canvas, ratio);
  pen.imageSmoothingEnabled = false;
  const atlas = smallPicture(columns, rows * count, (colours) => {
    for (let at = 0; at < colours.length; at++) colours[at] = pixels[shadeOf(data[at] / FULL_SCALE, signed)];
  });
  grid.tiles.forEach(({ x, y }, unit) => {
    const [width, height] = [columns * grid.side, rows * grid.side];
    pen.drawImage(atlas, 0, unit * rows, columns, rows, x, y, width, height);
    pen.strokeStyle = theme.dark ? "#ffffff30" : "#00000024";
    pen.lineWidth = 1 / ratio;
    pen.strokeRect(x, y, width, height);
    if (rows * columns > 1 || grid.side < BLOCK.named) return;
    pen.font = `${Math.round(grid.side / 2)}px ${theme.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = ink(shadeOf(data[unit] / FULL_SCALE, signed));
    pen.fillText(String(isOutput(view, index) ? unit : unit + 1), x + grid.side / 2, y + grid.side * 0.54);
  });
  const { layer, unit, cell } = view.selected;
  if (layer !== index || unit >= count) return;
  const { x, y } = grid.tiles[unit];
  framed(pen, theme, x, y, columns * grid.side, rows * grid.side, 2, 2);
  if (cell !== null && cell < rows * columns) {
    const side = Math.max(grid.side, 4);
    framed(pen, theme, x + (cell % columns) * grid.side, y + Math.floor(cell / columns) * grid.side, side, side, 2, 2);
  }
}

// One row a layer; a click on its name goes there.
/** @type {(view: View) => void} */
export function writeTable(view) {
  const { header } = view.message;
  const drawn = JSON.stringify([header.head, header.layers.map(({ title, rows }) => [title, rows])]);
  if (view.drawnTable !== drawn) {
    view.drawnTable = drawn;
    const head = make("tr");
    for (const words of ["layer", ...header.head]) make("th", { scope: "col", textContent: words }, head);
    const body = header.layers.map(({ title, rows }, index) => {
      const row = make("tr");
      const name = make("th", { scope: "row" }, row);
      make("button", { type: "button", textContent: title, onclick: () => view.selectLayer(index) }, name);
      for (const text of rows) make("td", { textContent: text }, row);
      return row;
    });
    view.table.replaceChildren(head, ...body);
  }
  [...view.table.rows].forEach((row, i) => row.classList.toggle("selected", i - 1 === view.selected.layer));
}
