// The drawing as it changes: kept in the tab, and sent to the server.
import { send } from "../../live/connection.js";
import { paintPad } from "./pad_paint.js";
import { empty, isEmpty, remember } from "./pad_strokes.js";

/** @import { View } from "./pad.js" */
/** @import { Drawing, History } from "./pad_strokes.js" */
/** @typedef {{ revision: number, at: number }} Question the number of a change, and when the pen made it */

const KEEP = "nn_viz drawing";

/** @type {(view: View) => Drawing} */
export const drawing = (view) => view.history.now;
/** @type {(view: View) => void} */
export const clear = (view) => isEmpty(drawing(view)) || change(view, remember(view.history, empty(drawing(view).pen)));

/** @type {(view: View, next: History<Drawing>) => void} */
export function change(view, next) {
  view.history = next;
  view.stroke = null; // what the pen was drawing may be gone
  try {
    sessionStorage.setItem(KEEP, JSON.stringify(drawing(view)));
  } catch {
    // a private window may have no storage: the drawing then lives as long as the page
  }
  paintPad(view);
  submit(view);
}

/** @type {() => Drawing} */
export function recalled() {
  try {
    return { ...empty(), ...JSON.parse(sessionStorage.getItem(KEEP) ?? "{}") };
  } catch {
    return empty();
  }
}

/** @type {(view: View) => void} */
export function submit(view) {
  view.revision += 1;
  view.asking.ask({ revision: view.revision, at: view.pressedAt });
}

/** @type {(view: View, question: Question) => boolean} */
export function sendDrawing(view, { revision }) {
  const { strokes, cells, pen } = drawing(view);
  return send({ draw: { revision, strokes: strokes.filter((stroke) => stroke.length), cells, pen } });
}
