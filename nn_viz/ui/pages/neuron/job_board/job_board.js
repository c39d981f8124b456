// Neurons by answers: a table whose cells are coloured by what breaks without the neuron. A row is chosen by its name.
import { component, stamp } from "../../../live/component.js";
import { choose } from "../../../live/connection.js";
import { make, writeNotes } from "../../../live/elements.js";
import { within } from "../../../live/numbers.js";
import { ramp, shadeOf, themeOf } from "../../../live/palette.js";

function buildBoard(root) {
  root.setAttribute("role", "group");
  const box = make("div", { className: "board", tabIndex: -1 }, root);
  const table = make("table", {}, box);
  return { root, table, head: make("thead", {}, table), body: make("tbody", {}, table), header: null, end() {} };
}

function show(view, { header }) {
  const { root, head, body } = view;
  const before = view.drawn;
  view.header = header;
  const theme = themeOf(root);
  view.drawn = JSON.stringify([header.classes, header.noun, header.units, header.end, theme.dark]);
  root.setAttribute("aria-label", `What breaks without each ${header.noun}`);
  if (view.drawn !== before) {
    head.replaceChildren(headOf(header));
    body.replaceChildren(...header.units.map((unit) => rowOf(view, unit, theme)));
  }
  mark(view, header.selected);
  writeNotes(root, header.notes);
  stamp(root, header);
}

function headOf({ noun, classes }) {
  const row = make("tr");
  for (const words of [`without ${noun}`, ...classes, "all", "answers most like it"]) {
    make("th", { scope: "col", textContent: words }, row);
  }
  return row;
}

function rowOf(view, { unit, name, drops, total, partner }, theme) {
  const { layer, end } = view.header;
  const row = make("tr", {});
  row.dataset.unit = unit;
  const cell = make("th", { scope: "row" }, row);
  const pick = () => {
    mark(view, unit);
    choose({ layer: String(layer), neuron: String(unit) });
  };
  const onclick = (event) => {
    event.stopPropagation();
    pick();
  };
  make("button", { type: "button", textContent: name, onclick }, cell);
  row.addEventListener("click", pick);
  const colours = ramp("diverging", theme.dark);
  for (const drop of [...drops, total]) {
    const shade = shadeOf(within(drop / end, -1, 1), true);
    const data = make("td", { textContent: Math.abs(drop) < 0.05 ? "" : points(drop) }, row);
    Object.assign(data.style, { background: colours.css(shade), color: colours.ink(shade) });
  }
  make("td", { className: "partner", textContent: partner }, row);
  return row;
}

// Points lost as what they change the accuracy by: 12.04 -> "\u221212".
const points = (drop) =>
  `${drop > 0 ? "\u2212" : "+"}${Math.abs(drop)
    .toFixed(Math.abs(drop) >= 9.95 ? 0 : 1)
    .replace(".0", "")}`;

function mark({ body }, selected) {
  for (const row of body.children) {
    const is = Number(row.dataset.unit) === selected;
    row.classList.toggle("selected", is);
    row.querySelector("button").setAttribute("aria-pressed", String(is));
  }
}

export default component(buildBoard, show);
