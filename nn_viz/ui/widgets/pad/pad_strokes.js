// The drawing itself, without a screen: strokes of points [x, y, width] in pad units (width: times the pen's), what an eraser leaves of them, undo. Pure functions.
export const PAD = 280; // units along each side, as nn_viz/ui/drawing.py has it
export const CELLS = 28;

export const empty = () => ({ strokes: [], cells: null });
export const isEmpty = ({ strokes, cells }) => !strokes.length && !cells?.some(Boolean);

// What an eraser of this radius leaves when it passes over x, y: strokes are cut where points vanish.
export function erased({ strokes, cells }, x, y, radius) {
  const kept = [];
  for (const stroke of strokes) {
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
  return touched ? { strokes: kept, cells } : { strokes, cells };
}

// A stroke with points no further apart than `step`, so that an eraser also cuts long straight lines.
function finely(stroke, step) {
  return stroke.flatMap((point, i) => {
    if (i === 0) return [point];
    const before = stroke[i - 1];
    const parts = Math.max(1, Math.ceil(Math.hypot(point[0] - before[0], point[1] - before[1]) / step));
    const between = (share) => point.map((value, axis) => before[axis] + (value - before[axis]) * share);
    return Array.from({ length: parts }, (_, n) => between((n + 1) / parts));
  });
}

// One cell of the grid inked or cleared.
export function withCell({ strokes, cells }, column, row, ink) {
  if (column < 0 || row < 0 || column >= CELLS || row >= CELLS) return { strokes, cells };
  const changed = cells ? [...cells] : new Array(CELLS * CELLS).fill(0);
  changed[row * CELLS + column] = ink;
  return { strokes, cells: changed };
}

// Undo and redo: drawings are never changed in place, so a list of them is a history.
export const history = (first) => ({ past: [], now: first, future: [] });
export const remember = ({ past, now }, next) => ({ past: [...past.slice(-199), now], now: next, future: [] });
export const undo = (h) =>
  h.past.length ? { past: h.past.slice(0, -1), now: h.past.at(-1), future: [h.now, ...h.future] } : h;
export const redo = (h) =>
  h.future.length ? { past: [...h.past, h.now], now: h.future[0], future: h.future.slice(1) } : h;
