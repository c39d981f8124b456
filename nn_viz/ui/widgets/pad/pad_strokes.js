// The drawing itself, without a screen: strokes, what an eraser leaves of them, undo. Pure functions.

/**
 * A point is [x, y, width]: pad units, and times the pen's width (1 where it is left out).
 * @typedef {number[]} Point
 * Strokes and the diameter of the pen that draws them all, or the ink (0 to 255) of the grid's cells.
 * @typedef {{ strokes: Point[][], cells: number[] | null, pen: number }} Drawing
 */

export const PAD = 280; // units along each side, as nn_viz/ui/live/drawing.py has it (PAD_SIZE)
export const CELLS = 28;

/** @type {(pen?: number) => Drawing} */
export const empty = (pen = 18) => ({ strokes: [], cells: null, pen });
/** @type {(drawing: Drawing) => boolean} */
export const isEmpty = ({ strokes, cells }) => !strokes.length && !cells?.some(Boolean);

/** @type {(drawing: Drawing) => number} */
export const pointCount = ({ strokes }) => strokes.reduce((sum, stroke) => sum + stroke.length, 0);
/**
 * Whether no stroke can be added: the server would refuse the drawing.
 * @type {(drawing: Drawing, limits: { strokes: number, points: number }) => boolean}
 */
export const isFull = (drawing, { strokes, points }) =>
  drawing.strokes.length >= strokes || pointCount(drawing) >= points;

/**
 * What an eraser of this radius leaves when it passes over x, y: strokes are cut where points vanish.
 * @type {(drawing: Drawing, x: number, y: number, radius: number) => Drawing}
 */
export function erased(drawing, x, y, radius) {
  const { strokes } = drawing;
  /** @type {Point[][]} */
  const kept = [];
  for (const stroke of strokes) {
    /** @type {Point[]} */
    let part = [];
    for (const point of finely(stroke, radius / 2)) {
      if (Math.hypot(point[0] - x, point[1] - y) > radius) part.push(point);
      else if (part.length) {
        kept.push(part);
        part = [];
      }
    }
    if (part.length) kept.push(part);
  }
  const touched =
    strokes.length !== kept.length ||
    strokes.some((stroke) => stroke.some(([a, b]) => Math.hypot(a - x, b - y) <= radius)) ||
    kept.some((part, i) => part.length < strokes[i].length);
  return touched ? { ...drawing, strokes: kept } : drawing;
}

/**
 * A stroke with points no further apart than `step`, so that an eraser also cuts long straight lines.
 * @type {(stroke: Point[], step: number) => Point[]}
 */
function finely(stroke, step) {
  return stroke.flatMap((point, i) => {
    if (i === 0) return [point];
    const before = stroke[i - 1];
    const parts = Math.max(1, Math.ceil(Math.hypot(point[0] - before[0], point[1] - before[1]) / step));
    /** @type {(share: number) => Point} */
    const between = (share) => point.map((value, axis) => before[axis] + (value - before[axis]) * share);
    return Array.from({ length: parts }, (_, n) => between((n + 1) / parts));
  });
}

/**
 * One cell of the grid inked or cleared.
 * @type {(drawing: Drawing, column: number, row: number, ink: number) => Drawing}
 */
export function withCell(drawing, column, row, ink) {
  if (column < 0 || row < 0 || column >= CELLS || row >= CELLS) return drawing;
  const changed = drawing.cells ? [...drawing.cells] : new Array(CELLS * CELLS).fill(0);
  changed[row * CELLS + column] = ink;
  return { ...drawing, cells: changed };
}

/**
 * Undo and redo: drawings are never changed in place, so lists of them are a history.
 * @template Step
 * @typedef {{ past: Step[], now: Step, future: Step[] }} History
 */

/** @type {<Step>(first: Step) => History<Step>} */
export const history = (first) => ({ past: [], now: first, future: [] });
/** @type {<Step>(history: History<Step>, next: Step) => History<Step>} */
export const remember = ({ past, now }, next) => ({ past: [...past.slice(-199), now], now: next, future: [] });
/** @type {<Step>(history: History<Step>) => History<Step>} */
export const undo = (h) =>
  h.past.length ? { past: h.past.slice(0, -1), now: h.past[h.past.length - 1], future: [h.now, ...h.future] } : h;
/** @type {<Step>(history: History<Step>) => History<Step>} */
export const redo = (h) =>
  h.future.length ? { past: [...h.past, h.now], now: h.future[0], future: h.future.slice(1) } : h;
