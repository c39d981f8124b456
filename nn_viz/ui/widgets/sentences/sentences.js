// Sentences that follow the pictures.
import { component, stamp } from "../../live/component.js";
import { make, withChildren, write } from "../../live/elements.js";

const SETTLED_MS = 700; // a screen reader is told when they have come to rest

function buildSentences(root) {
  const lines = make("div", { ariaHidden: "true" }, root);
  const spoken = make("div", { className: "spoken", role: "status" }, root);
  const view = { root, lines, spoken, timer: 0, end: () => clearTimeout(view.timer) };
  return view;
}

function show(view, { header }) {
  const { root, lines, spoken } = view;
  withChildren(lines, header.lines.length, () => make("p", {}, lines));
  header.lines.forEach((text, i) => {
    const line = lines.children[i];
    write(line, text);
    line.className = i < header.quiet ? "line" : "line aside";
  });
  clearTimeout(view.timer);
  view.timer = setTimeout(() => (spoken.textContent = header.lines.join(" ")), SETTLED_MS);
  stamp(root, header);
}

export default component(buildSentences, show);
