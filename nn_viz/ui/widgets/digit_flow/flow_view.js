// All that is painted and announced of a flow at once.
import { showCloser } from "./flow_closer.js";
import { paintFlow } from "./flow_paint.js";
import { flowNote, unitWords } from "./flow_words.js";

/** @import { View } from "./digit_flow.js" */

// The canvas, the words below it, and the cell that is looked at.
/** @type {(view: View) => void} */
export function paint(view) {
  view.waiting = false;
  paintFlow(view);
  note(view, flowNote(view));
  sayPaths(view);
  showCloser(view);
}

// For who came by the keyboard: once a unit, not with every picture of a training.
/** @type {(view: View) => void} */
function sayPaths(view) {
  const { paths } = view.message.header;
  const of = paths && String(paths.of) === String(view.pointed) ? String(paths.of) : null;
  if (paths && of && of !== view.announced && view.focused && !view.inside)
    view.spoken.textContent = `${unitWords(view, view.active)}. ${paths.words}`;
  view.announced = of;
}

// Sentences of different lengths take turns: the place stays as high as the longest, or all below would jump.
/** @type {(view: View, words: string) => void} */
function note({ note, noteRoom, root }, words) {
  if (note.textContent === words) return;
  note.textContent = words;
  const width = root.clientWidth;
  noteRoom.tallest = Math.max(noteRoom.width === width ? noteRoom.tallest : 0, note.offsetHeight);
  noteRoom.width = width;
  note.style.minHeight = `${noteRoom.tallest}px`;
}
