// A heading that names what is chosen.
import { component, stamp } from "../../live/component.js";
import { make, write } from "../../live/elements.js";

/** @import { Heading } from "../../live/messages.js" */
/** @typedef {ComponentView & { text: HTMLElement }} View */

/** @type {(root: HTMLElement) => View} */
function buildHeading(root) {
  return { root, text: make("span", {}, root), end() {} };
}

/** @type {(view: View, message: Heading) => void} */
function show({ root, text }, { header }) {
  write(text, header.text);
  text.classList.toggle("strong", header.isStrong);
  stamp(root, header);
}

export default component(buildHeading, show);
