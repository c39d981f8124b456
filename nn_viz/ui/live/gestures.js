// Reading pointer and keyboard events, the same for all components.

/**
 * Where an event lies in an element, in CSS pixels from its top left corner.
 * @type {(element: Element, event: Spot) => XY}
 */
export function placeIn(element, event) {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/**
 * The same in shares of the element's width and height.
 * @type {(element: Element, event: Spot) => XY}
 */
export function shareIn(element, event) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
}

/**
 * The arrow keys as [rows down, columns to the right].
 * @type {Record<string, [number, number]>}
 */
export const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * Whether a key is held that makes it a shortcut of the browser or the system.
 * @type {(event: KeyboardEvent) => boolean}
 */
export const hasModifier = (event) => event.altKey || event.ctrlKey || event.metaKey;
