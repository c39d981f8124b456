// A heading that names what is chosen.
import { component, stamp } from "../../live/component.js";
import { make, write } from "../../live/elements.js";

function buildHeading(root) {
  return { root, text: make("span", {}, root), end() {} };
}

function show({ root, text }, { header }) {
  write(text, header.text);
  text.classList.toggle("strong", header.is_strong);
  stamp(root, header);
}

export default component(buildHeading, show);
