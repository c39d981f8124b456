// Lists of rows with words, read by eye and by ear. Everything changes in place.
import { component, stamp } from "../../live/component.js";
import { choose } from "../../live/connection.js";
import { make, write } from "../../live/elements.js";
import { render } from "../../live/markup.js";
import { role, themeOf } from "../../live/palette.js";
import { markupOf } from "./rows_markup.js";

/** @import { Received } from "../../live/messages.js" */
/** @import { RowsHeader } from "./rows_markup.js" */
/** @typedef {ReturnType<typeof buildRows>} View */
/** @typedef {Received<RowsHeader, any>} Rows only pictures have arrays */

const SETTLED_MS = 700; // a screen reader is told when words have come to rest
const PACED_MS = 4000; // or so often, where they go on changing
const COLOURS = { up: "up", down: "down", total: "held", quiet: "train", dot: "text", chance: "test" };

/** @param {HTMLElement} root */
function buildRows(root) {
  const list = make("div", {}, root);
  const spoken = make("div", { className: "spoken", role: "status", ariaLive: "polite" }, root);
  const view = { root, list, spoken, spokenAt: -Infinity, timer: 0, end: () => clearTimeout(view.timer) };
  return view;
}

/** @type {(view: View, message: Rows) => void} */
function show(view, { header, arrays }) {
  const { root } = view;
  const name = header.label || header.title;
  if (name) {
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", name);
  }
  if (header.state !== null) root.dataset.state = header.state;
  draw(view, header, arrays);
  announce(view, header);
  stamp(root, header);
}

/** @type {(view: View, header: RowsHeader, arrays: any) => void} */
function draw(view, header, arrays) {
  const { root, list } = view;
  const { dark } = themeOf(root);
  for (const [name, colour] of Object.entries(COLOURS)) root.style.setProperty(`--${name}`, role(colour, dark));
  list.className = header.layout;
  /** @type {(row: number) => void} */
  const pick = (row) => {
    if (header.layout !== "table") return;
    draw(view, { ...header, selected: row }, arrays); // at once; what it changes comes from the server
    choose(header.rows[row].choice);
  };
  render(list, markupOf(header, arrays, dark, pick));
}

/** @type {(view: View, header: RowsHeader) => void} */
function announce(view, { spoken, pace }) {
  const waits = { settled: SETTLED_MS, paced: view.spokenAt + PACED_MS - performance.now(), now: 0 };
  view.spoken.hidden = !spoken;
  clearTimeout(view.timer);
  view.timer = setTimeout(() => {
    write(view.spoken, spoken);
    view.spokenAt = performance.now();
  }, waits[pace]);
}

export default component(buildRows, show);
