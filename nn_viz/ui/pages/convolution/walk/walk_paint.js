// Painting the walk: cells as coloured squares with their numbers, the window on them, the results that have come.
import { clearedPen, fitCanvas, framed, hatch } from "../../../live/canvas.js";
import { within } from "../../../live/numbers.js";
import { ramp, shadeOf } from "../../../live/palette.js";
import { beat, filledSteps, shownStep } from "./walk_clock.js";
import { windowSpan } from "./walk_map.js";
import { brief } from "./walk_words.js";

/** @import { WalkHeader } from "../../../live/messages.js" */
/** @import { View } from "./walk.js" */
/** @import { GridLayout } from "./walk_layout.js" */
/** @typedef {{ kind: WalkHeader["inputKind"], signed: boolean, end: number, name: RampName }} Colours */

export const WALK = { printed: 22, least: 3, gap: 10 };

/** @type {(value: number, colours: Colours) => number} */
export const shadeFor = (value, { signed, end }) => shadeOf(within(value / end, -1, 1), signed);

// How a set of values is coloured: paper and ink, from zero up, or with zero in the middle.
/** @type {(kind: Colours["kind"], values: Iterable<number>) => Colours} */
export function colouring(kind, values) {
  const signed = kind === "signed";
  let end = kind === "ink" ? 1 : 0;
  if (kind !== "ink") for (const value of values) end = Math.max(end, Math.abs(value));
  return { kind, signed, end: end || 1, name: kind === "ink" ? "ink" : signed ? "diverging" : "sequential" };
}

/** @type {(pen: Pen, theme: Theme, colours: Colours, value: number, x: number, y: number, side: number) => string} */
function fillCell(pen, theme, colours, value, x, y, side) {
  const { css, ink } = ramp(colours.name, theme.dark);
  const shade = shadeFor(value, colours);
  pen.fillStyle = css(shade);
  pen.fillRect(x, y, side + 0.5, side + 0.5);
  return ink(shade);
}

/** @type {(pen: Pen, theme: Theme, colour: string, text: string, x: number, y: number, side: number) => void} */
function printCell(pen, theme, colour, text, x, y, side) {
  pen.font = `${Math.round(Math.min(16, side / (text.length > 4 ? 3.2 : 2.5)))}px ${theme.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = colour;
  pen.fillText(text, x + side / 2, y + side * 0.53);
}

/**
 * Lines between the cells, thin, where cells are large enough to count them.
 * @type {(pen: Pen, theme: Theme, x: number, y: number, rows: number, columns: number, side: number,
 *   ratio: number) => void}
 */
function ruleGrid(pen, theme, x, y, rows, columns, side, ratio) {
  pen.strokeStyle = theme.dark ? "#ffffff30" : "#00000024";
  pen.lineWidth = 1 / ratio;
  if (side < 9) return pen.strokeRect(x, y, columns * side, rows * side);
  pen.beginPath();
  for (let row = 0; row <= rows; row++) {
    pen.moveTo(x, y + row * side);
    pen.lineTo(x + columns * side, y + row * side);
  }
  for (let column = 0; column <= columns; column++) {
    pen.moveTo(x + column * side, y);
    pen.lineTo(x + column * side, y + rows * side);
  }
  pen.stroke();
}

// The picture, or the maps that the window walks over, with the border of zeros around each.
/** @type {(view: View) => void} */
export function paintInput(view) {
  const { grid, pen } = openGrid(view, view.input);
  const { theme, message } = view;
  const [, height, width] = view.cells.shape;
  const border = grid.border ? hatch(pen, theme, 1) : null;
  grid.tiles.forEach(({ x, y }, channel) => {
    if (border) {
      pen.fillStyle = border;
      pen.fillRect(x, y, grid.columns * grid.side, grid.rows * grid.side);
    }
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const value = view.cells.data[(channel * height + row) * width + column];
        const [left, top] = [x + (column + grid.border) * grid.side, y + (row + grid.border) * grid.side];
        const colour = fillCell(pen, theme, view.inputColours, value, left, top, grid.side);
        if (grid.side >= WALK.printed) printCell(pen, theme, colour, brief(value), left, top, grid.side);
      }
    }
    ruleGrid(pen, theme, x, y, grid.rows, grid.columns, grid.side, view.ratio);
    if (message.header.names.length > 1)
      label(pen, theme, message.header.names[channel], x, y - 4, channel === view.sheet);
  });
}

// Over it: where the window lies, sliding from the step before, and what is pointed at.
/** @type {(view: View) => void} */
export function paintWindow(view) {
  const { grid, pen } = openGrid(view, view.window);
  const { theme, walk, setting } = view;
  if (!walk.count) return;
  const at = shownStep(view);
  const { slide } = view.hovered === null ? beat(view.clock) : { slide: 1 };
  const from = view.hovered === null && at > 0 ? at - 1 : at;
  /** @type {(index: number) => [row: number, column: number]} */
  const place = (index) => [Math.floor(index / walk.columns) * setting.stride, (index % walk.columns) * setting.stride];
  const [[row0, column0], [row1, column1]] = [place(from), place(at)];
  const [row, column] = [row0 + (row1 - row0) * slide, column0 + (column1 - column0) * slide];
  const span = windowSpan(setting) * grid.side;
  grid.tiles.forEach(({ x, y }, channel) => {
    const [left, top] = [x + column * grid.side, y + row * grid.side];
    framed(pen, theme, left, top, span, span, channel === view.sheet ? 2.5 : 1.5);
    if (setting.dilation > 1 && slide === 1) {
      for (const cell of walk.patch(at)) {
        pen.strokeStyle = theme.accent;
        pen.lineWidth = 1.5;
        pen.strokeRect(
          x + (cell.column + grid.border) * grid.side + 1.5,
          y + (cell.row + grid.border) * grid.side + 1.5,
          grid.side - 3,
          grid.side - 3,
        );
      }
    }
  });
  const pixel = view.pixel ?? (view.keys ? view.cursor : null);
  if (pixel) {
    const { x, y } = grid.tiles[pixel.channel];
    pen.strokeStyle = theme.text;
    pen.lineWidth = 2;
    pen.setLineDash(view.pixel ? [] : [4, 3]);
    pen.strokeRect(
      x + (pixel.column + grid.border) * grid.side,
      y + (pixel.row + grid.border) * grid.side,
      grid.side,
      grid.side,
    );
    pen.setLineDash([]);
  }
}

// The map: what has come so far, the place of this step, and the results that a pixel takes part in.
/** @type {(view: View) => void} */
export function paintResult(view) {
  const { grid, pen } = openGrid(view, view.result);
  const { theme, walk, values } = view;
  const filled = filledSteps(view);
  const [{ x, y }] = grid.tiles;
  for (let index = 0; index < walk.count; index++) {
    const [left, top] = [x + (index % walk.columns) * grid.side, y + Math.floor(index / walk.columns) * grid.side];
    if (index >= filled) continue;
    const colour = fillCell(pen, theme, view.resultColours, values[index], left, top, grid.side);
    if (grid.side >= WALK.printed) printCell(pen, theme, colour, brief(values[index]), left, top, grid.side);
  }
  ruleGrid(pen, theme, x, y, walk.rows, walk.columns, grid.side, view.ratio);
  /** @type {(index: number) => [x: number, y: number]} */
  const place = (index) => [x + (index % walk.columns) * grid.side, y + Math.floor(index / walk.columns) * grid.side];
  if (view.pixel) {
    // Inside each place: frames around neighbours would cover one another.
    const inset = Math.min(3, grid.side / 6);
    for (const index of walk.over(view.pixel.row, view.pixel.column)) {
      const [left, top] = place(index);
      framed(
        pen,
        theme,
        left + inset,
        top + inset,
        grid.side - 2 * inset,
        grid.side - 2 * inset,
        Math.min(2, grid.side / 8),
      );
    }
  } else if (walk.count) framed(pen, theme, ...place(shownStep(view)), grid.side, grid.side);
}

// k x k numbers, those of the step so far; `outlined` is the one that won.
/**
 * @type {(view: View, box: { canvas: HTMLCanvasElement }, values: number[], colours: Colours,
 *   how?: { lit?: number, outlined?: number | null }) => void}
 */
export function paintSquare(view, box, values, colours, { lit = values.length, outlined = null } = {}) {
  const k = view.setting.kernel;
  const side = view.squareSide;
  fitCanvas(box.canvas, k * side + 2, k * side + 2, view.ratio);
  const pen = clearedPen(box.canvas, view.ratio);
  values.forEach((value, i) => {
    if (i >= lit) return;
    const [left, top] = [1 + (i % k) * side, 1 + Math.floor(i / k) * side];
    const colour = fillCell(pen, view.theme, colours, value, left, top, side);
    if (side >= WALK.printed) printCell(pen, view.theme, colour, brief(value), left, top, side);
  });
  ruleGrid(pen, view.theme, 1, 1, k, k, side, view.ratio);
  if (outlined !== null)
    framed(pen, view.theme, 1 + (outlined % k) * side, 1 + Math.floor(outlined / k) * side, side, side, 2);
}

/** @type {(pen: Pen, theme: Theme, text: string, x: number, y: number, strong: boolean) => void} */
function label(pen, theme, text, x, y, strong) {
  pen.font = `${strong ? 600 : 400} 11px ${theme.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  pen.fillStyle = theme.text;
  pen.fillText(text, x, y);
}

// A canvas of a grid, cleared and in CSS pixels.
/**
 * @param {View} view
 * @param {{ canvas: HTMLCanvasElement, grid: GridLayout }} part
 */
function openGrid(view, { canvas, grid }) {
  const pen = clearedPen(canvas, view.ratio);
  return { grid, pen };
}
