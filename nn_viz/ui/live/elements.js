// Elements of a component: made, written and counted in place, so that nothing jumps and selections survive.
import { within } from "./numbers.js";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties of the element; `role` becomes its attribute
 * @param {Element | null} parent which gets it as its last child
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, parent = null) {
  const { role: ariaRole, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  if (ariaRole) element.setAttribute("role", ariaRole);
  parent?.append(element);
  return element;
}

/**
 * A part of the component's own markup.
 * @template {string} Selector
 * @param {Element} root
 * @param {Selector} selector
 */
export const find = (root, selector) => /** @type {Found<Selector>} */ (root.querySelector(selector));

/**
 * Change a text only where it differs: selections survive, and a screen reader is not told twice.
 * @type {(element: Element, text: string) => void}
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Give an element exactly so many children: those that are there stay, `build` makes the next one.
 * @type {(parent: Element, count: number, build: (index: number) => void) => void}
 */
export function withChildren(parent, count, build) {
  while (parent.childElementCount > count) parent.lastElementChild?.remove();
  while (parent.childElementCount < count) build(parent.childElementCount);
}

/**
 * Sentences below a picture.
 * @type {(root: Element, notes: string[]) => void}
 */
export function writeNotes(root, notes) {
  const lines = [...root.querySelectorAll(":scope > .note")];
  notes.forEach((text, i) => {
    const line = lines[i] ?? make("p", { className: "note" }, root);
    write(line, text);
  });
  lines.slice(notes.length).forEach((line) => line.remove());
}

/** @type {(root: HTMLElement) => Tip} */
export function makeTip(root) {
  const tip = make("div", { className: "tip", hidden: true }, root);
  tip.setAttribute("aria-hidden", "true");
  return {
    // x, y: CSS pixels within the root
    show(x, y, text) {
      write(tip, text);
      tip.hidden = false;
      const left = within(x - tip.offsetWidth / 2, 0, root.clientWidth - tip.offsetWidth);
      const above = y - tip.offsetHeight - 14;
      tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(above < -24 ? y + 20 : above)}px)`;
    },
    hide() {
      tip.hidden = true;
    },
    width: () => tip.offsetWidth,
  };
}
