// Elements described, and then made so. What is there already stays and changes in place: nothing jumps, selections
// survive, and a screen reader is not told twice.
import { write } from "./elements.js";

/**
 * @typedef {string | number | boolean | null | ((event: any) => void)} Value `false` and null: no such attribute
 * @typedef {{ tag: string, attributes: Record<string, Value>, content: string | Markup[] }} Markup
 */

/**
 * An element: its attributes as in HTML, listeners as `onclick`, and its text or the elements in it. What is null or
 * false among these is left out. `ref` is called with the element each time that it has been rendered.
 * @type {(tag: string, attributes?: Record<string, Value>, content?: string | (Markup | null | false)[]) => Markup}
 */
export function h(tag, attributes = {}, content = []) {
  return { tag, attributes, content: typeof content === "string" ? content : content.filter((node) => !!node) };
}

/** @type {WeakMap<Element, Markup>} what each element was rendered from last */
const rendered = new WeakMap();

/**
 * Give an element these children, the first to the first that is there, and so on.
 * @type {(parent: Element, nodes: Markup[]) => void}
 */
export function render(parent, nodes) {
  nodes.forEach((node, i) => {
    let element = parent.children[i];
    if (element?.localName !== node.tag) {
      const made = document.createElement(node.tag);
      element ? element.replaceWith(made) : parent.append(made);
      element = made;
    }
    update(element, node);
  });
  while (parent.childElementCount > nodes.length) parent.lastElementChild?.remove();
}

/** @type {(element: Element, node: Markup) => void} */
function update(element, node) {
  const before = rendered.get(element);
  const { ref = null, ...attributes } = node.attributes;
  for (const name of Object.keys({ ...before?.attributes, ...attributes })) {
    const value = attributes[name] ?? false;
    if (value === (before?.attributes[name] ?? false)) continue;
    if (typeof value === "function") Object.assign(element, { [name]: value });
    else if (value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  rendered.set(element, node);
  if (typeof node.content === "string") write(element, node.content);
  else render(element, node.content);
  if (typeof ref === "function") ref(element);
}
