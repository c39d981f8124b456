// Bars from zero, each with its name and its number: read by eye and, as a list, by ear.
import { component, stamp } from "../../live/component.js";
import { make, withChildren, writeNotes } from "../../live/elements.js";
import { within } from "../../live/numbers.js";
import { role, themeOf } from "../../live/palette.js";

function buildBars(root) {
  root.setAttribute("role", "group");
  return {
    root,
    title: make("p", { className: "heading" }, root),
    legend: make("p", { className: "key", ariaHidden: "true" }, root),
    rows: make("div", { className: "rows", role: "list" }, root),
    end() {},
  };
}

function show(view, { header }) {
  const { root, title, legend, rows } = view;
  const theme = themeOf(root);
  for (const [name, of] of [
    ["up", "up"],
    ["down", "down"],
    ["total", "held"],
    ["quiet", "train"],
  ]) {
    root.style.setProperty(`--${name}`, role(of, theme.dark));
  }
  root.setAttribute("aria-label", header.label);
  title.textContent = header.title;
  title.hidden = !header.title;
  legend.hidden = !header.legend.length;
  legend.replaceChildren(...header.legend.map((words, i) => make("span", { className: `of${i}`, textContent: words })));
  rows.classList.toggle("columns", header.columns);
  withChildren(rows, header.rows.length, () => buildBar(rows));
  header.rows.forEach((row, i) => drawRow(rows.children[i], row, header));
  writeNotes(root, header.notes);
  stamp(root, header);
}

function buildBar(rows) {
  const row = make("div", { className: "bar-row", role: "listitem" }, rows);
  make("span", { className: "name" }, row);
  make("span", { className: "bars" }, row);
  make("span", { className: "number" }, row);
}

function drawRow(element, { name, values, text, tone }, { low, high, columns }) {
  const [first, bars, number] = element.children;
  first.textContent = name;
  number.textContent = text;
  element.className = `bar-row ${tone}`;
  element.title = columns ? `${name}: ${text}` : "";
  const span = high - low || 1;
  withChildren(bars, values.length, () => make("i", {}, bars));
  values.forEach((value, i) => {
    const [start, end] = [Math.min(0, value), Math.max(0, value)].map(
      (at) => (100 * (within(at, low, high) - low)) / span,
    );
    const bar = bars.children[i];
    bar.className = `of${i} ${value < 0 ? "down" : "up"}`;
    const [from, size] = columns ? ["bottom", "height"] : ["left", "width"];
    Object.assign(bar.style, {
      left: "",
      width: "",
      bottom: "",
      height: "",
      [from]: `${start}%`,
      [size]: `${end - start}%`,
    });
  });
  bars.style.setProperty("--zero", `${(-100 * low) / span}%`);
}

export default component(buildBars, show);
