// The pointer on a wall of pictures: what lies under it is named in the tip.
import { placeIn } from "../../live/gestures.js";
import { wallHit } from "./wall_layout.js";

/** @import { WallPlace } from "./wall_layout.js" */
/** @import { WallView } from "./wall_paint.js" */

/**
 * @template {WallView["message"]} Message
 * @typedef {WallView & { message: Message, box: HTMLElement, tip: Tip, pointer: XY | null }} PointedWall
 */

// The pointer has moved, or has left (no event). Returns what lies under it now: { index, row, column } or null.
/**
 * @template {WallView["message"]} Message
 * @param {PointedWall<Message>} view
 * @param {PointerEvent | null} event
 * @param {(message: Message, place: WallPlace) => string} words
 */
export function movePointer(view, event, words) {
  view.pointer = event && placeIn(view.canvas, event);
  return nameUnderPointer(view, words);
}

// The same where the pictures have changed under a pointer that rests.
/**
 * @template {WallView["message"]} Message
 * @param {PointedWall<Message>} view
 * @param {(message: Message, place: WallPlace) => string} words
 */
export function nameUnderPointer(view, words) {
  const { pointer, layout, ratio, message, box, tip } = view;
  const shape = message.arrays.values.shape.slice(1);
  const hit = pointer && wallHit(layout, shape, pointer.x * ratio, pointer.y * ratio);
  box.style.cursor = hit && message.header.selectable ? "pointer" : "default";
  if (hit) tip.show(pointer.x, pointer.y + box.offsetTop, words(message, hit));
  else tip.hide();
  return hit;
}
