// A filter (or pooling) walks over a picture: played, stepped and pointed at in the browser alone.
import { fitCanvas } from "../../../live/canvas.js";
import { component, NOT_YET, stamp, watchSize } from "../../../live/component.js";
import { write } from "../../../live/elements.js";
import { within } from "../../../live/numbers.js";
import { themeOf } from "../../../live/palette.js";
import { announceStep, fly } from "./walk_announce.js";
import { beat, buildClock, filledSteps, goTo, pauseWalk, shownStep, WALK_SPEEDS } from "./walk_clock.js";
import { compute } from "./walk_compute.js";
import { adopt, inputLabel, listenForEdits, newEdit } from "./walk_edit.js";
import { gridLayout } from "./walk_layout.js";
import { stepAt } from "./walk_map.js";
import { colouring, paintInput, paintResult, paintSquare, paintWindow, WALK } from "./walk_paint.js";
import { buildParts } from "./walk_parts.js";
import { buildPlayer, pointAtGrid, pressResult, showPlayer } from "./walk_player.js";
import { layoutWeights, markWeight } from "./walk_weights.js";
import { brief, noRoomWords, pixelWords, resultWords, stepWords, sumWords } from "./walk_words.js";

/** @import { Buffer, Walk as WalkMessage } from "../../../live/messages.js" */
/** @import { Cell } from "./walk_layout.js" */
/** @import { Operation, Setting, Walk } from "./walk_map.js" */
/** @import { Colours } from "./walk_paint.js" */
/** @typedef {ReturnType<typeof buildWalk>} View */

/** @param {HTMLElement} root */
function buildWalk(root) {
  root.setAttribute("role", "group");
  const parts = buildParts(root);
  /** @type {() => void} */
  const repaint = () => paintSoon(view);
  const clock = buildClock(repaint);
  const view = {
    ...parts,
    clock,
    player: buildPlayer(clock, parts.bar),
    message: /** @type {WalkMessage} */ (NOT_YET),
    theme: /** @type {Theme} */ (NOT_YET),
    ratio: 1,
    squareSide: 0,
    cells: /** @type {Buffer<Float32Array>} */ (NOT_YET),
    weights: /** @type {Buffer<Float32Array>} */ (NOT_YET),
    walk: /** @type {Walk} */ (NOT_YET),
    setting: /** @type {Setting} */ (NOT_YET),
    operation: /** @type {Operation} */ (NOT_YET),
    values: /** @type {number[]} */ ([]),
    inputColours: /** @type {Colours} */ (NOT_YET),
    weightColours: /** @type {Colours} */ (NOT_YET),
    resultColours: /** @type {Colours} */ (NOT_YET),
    pixel: /** @type {Cell | null} */ (null),
    hovered: /** @type {number | null} */ (null),
    sheet: 0,
    keys: false,
    cursor: { channel: 0, row: 0, column: 0 },
    edit: newEdit(),
    announcing: 0,
    painting: false,
    repaint,
    rearrange() {
      arrange(view);
    },
    edited() {
      compute(view);
      arrange(view);
    },
    end() {
      pauseWalk(clock);
      stopWatching();
    },
  };
  const stopWatching = watchSize(root, () => view.message && arrange(view));
  pointAtGrid(
    view,
    view.input,
    (hit) => Object.assign(view, { pixel: hit, hovered: null }),
    (hit) => hit && pixelWords(view, hit),
  );
  pointAtGrid(
    view,
    view.result,
    (hit) => Object.assign(view, { hovered: hit && indexOf(view, hit), pixel: null }),
    (hit) => hit && resultWords(view, indexOf(view, hit)),
  );
  view.result.canvas.addEventListener("click", () => view.hovered !== null && goTo(clock, view.hovered));
  view.result.canvas.addEventListener("keydown", (event) => pressResult(view, event));
  listenForEdits(view);
  return view;
}

/** @type {(view: View, place: { row: number, column: number }) => number} */
const indexOf = ({ walk }, { row, column }) => row * walk.columns + column;

/** @type {(view: View, message: WalkMessage) => void} */
function show(view, message) {
  const before = view.message;
  view.message = message;
  const { header } = message;
  view.theme = themeOf(view.root);
  view.root.style.colorScheme = view.theme.dark ? "dark" : "light"; // for what the browser draws itself
  view.setting = { kernel: header.kernel, stride: header.stride, padding: header.padding, dilation: header.dilation };
  adopt(view, message);
  const fresh = !before || before.header.kind !== header.kind;
  // A digit has hundreds of steps.
  if (fresh && before?.header.editable !== header.editable) view.clock.speed = WALK_SPEEDS[header.editable ? 1 : 3][1];
  compute(view, fresh);
  view.root.setAttribute("aria-label", header.label);
  view.root.classList.toggle("editable", header.editable);
  arrange(view);
  stamp(view.root, header);
}

// Lay out for the present width, and paint.
/** @type {(view: View) => void} */
function arrange(view) {
  const maxWidth = view.root.clientWidth;
  if (maxWidth < 1) return;
  view.ratio = window.devicePixelRatio || 1;
  const { header } = view.message;
  const [channels, height, width] = view.cells.shape;
  const { padding, kernel } = view.setting;
  const narrow = maxWidth < 620;
  const high = header.maxHeight * Math.max(1, window.innerHeight / 900);
  const input = { count: channels, rows: height + 2 * padding, columns: width + 2 * padding, border: padding };
  const result = { count: 1, rows: Math.max(1, view.walk.rows), columns: Math.max(1, view.walk.columns), border: 0 };
  const squares = header.op === "filter" ? 3 : 1;
  // The step's numbers stand between picture and map where there is room to read them, else below both.
  /** @type {(share: number, most?: number) => number} */
  const lay = (share, most = high) => {
    view.input.grid = view.window.grid = gridLayout({
      ...input,
      maxWidth: narrow ? maxWidth : maxWidth * share,
      high: most,
      largest: 44,
    });
    const largest = channels > 1 ? 44 : Math.max(view.input.grid.side, 20);
    view.result.grid = gridLayout({ ...result, maxWidth: narrow ? maxWidth : maxWidth * share, high: most, largest });
    return (maxWidth - view.input.grid.width - view.result.grid.width - 110 - 40 * squares) / (kernel * squares);
  };
  const between = header.editable && !narrow ? lay(0.36, high * 0.85) : 0;
  const below = between < WALK.printed + 2;
  if (below) lay(0.48, header.editable ? high * 0.8 : high);
  view.squareSide = below ? within((maxWidth - 40 - 36 * squares) / (kernel * squares), 18, 32) : Math.min(40, between);
  view.root.classList.toggle("below", below && !narrow);
  for (const { canvas, grid } of [view.input, view.window, view.result])
    fitCanvas(canvas, grid.width, grid.height, view.ratio);
  view.squares.products.figure.hidden = view.squares.weights.figure.hidden = header.op !== "filter";
  view.squares.patch.caption.textContent = header.op === "filter" ? "under the filter" : "in the tile";
  view.input.caption.textContent = header.inputTitle;
  view.result.caption.textContent = header.resultTitle;
  view.input.canvas.setAttribute("aria-label", inputLabel(view));
  view.result.canvas.setAttribute(
    "aria-label",
    `${header.resultTitle}: ${view.walk.rows} by ${view.walk.columns} results. Arrow keys go to one.`,
  );
  layoutWeights(view);
  paintInput(view);
  paint(view);
}

// At most once a frame, however much has changed.
/** @type {(view: View) => void} */
function paintSoon(view) {
  if (view.painting) return;
  view.painting = true;
  queueMicrotask(() => {
    view.painting = false;
    if (view.message) paint(view);
  });
}

// What moves: the window, the step's numbers, the map, the sum on its way.
/** @type {(view: View) => void} */
function paint(view) {
  paintWindow(view);
  paintResult(view);
  const { walk, operation, clock, player } = view;
  const data = {
    at: walk.count ? clock.at + 1 : 0,
    filled: walk.count ? filledSteps(view) : 0,
    steps: walk.count,
    playing: String(clock.playing),
  };
  for (const [name, value] of Object.entries(data))
    if (view.root.dataset[name] !== String(value)) view.root.dataset[name] = String(value);
  showPlayer(view, player);
  view.root.classList.toggle("none", !walk.count);
  if (!walk.count) {
    view.drop.hidden = true;
    view.where.textContent = noRoomWords(view);
    view.equation.textContent = view.sum.textContent = "";
    return;
  }
  const index = shownStep(view);
  const step = stepAt(walk, view.cells, operation, index);
  const { lit } = view.hovered === null ? beat(clock) : { lit: 1 };
  const channel = operation.op === "filter" ? view.sheet : 0;
  const done = Math.floor(lit * step.inputs[channel].length + 1e-9);
  paintSquare(view, view.squares.patch, step.inputs[channel], view.inputColours, {
    outlined: lit >= 1 ? step.winner : null,
  });
  const products = colouring("signed", step.products.flat());
  if (operation.op === "filter")
    paintSquare(view, view.squares.products, step.products[channel], products, { lit: done });
  markWeight(view, lit < 1 ? done : null);
  write(
    view.sum,
    lit >= 1
      ? `${operation.op === "filter" ? "sum" : operation.op === "max" ? "largest" : "mean"} ${brief(step.sum)}`
      : "\u2026",
  );
  write(view.where, stepWords(view, index));
  write(view.equation, sumWords(view, step, lit >= 1));
  fly(view, index, step);
  if (!clock.playing && clock.part >= 1) announceStep(view);
}

export default component(buildWalk, show);
