// The verdict in words, and its bars: read by eye and, as a list, by ear. Texts change in place.
import { component, stamp } from "../../../live/component.js";
import { make, withChildren, write } from "../../../live/elements.js";
import { role, themeOf } from "../../../live/palette.js";

const SPOKEN_MS = 4000; // between two announcements while the networks still train

function buildBoard(root) {
  root.setAttribute("role", "group");
  const text = make("div", { className: "text" }, root);
  const view = {
    root,
    lead: make("p", { className: "lead" }, text),
    headline: make("p", { className: "headline" }, text),
    sentence: make("p", { className: "sentence" }, text),
    expected: make("p", { className: "expected" }, text),
    rows: make("div", { className: "rows", role: "list" }, root),
    legend: make("p", { className: "key", ariaHidden: "true" }, root),
    spoken: make("div", { className: "spoken", role: "status", ariaLive: "polite" }, root),
    spokenAt: -Infinity,
    end() {},
  };
  return view;
}

function writeOrHide(element, text) {
  write(element, text);
  element.hidden = !text;
}

function show(view, { header }) {
  const { root, rows, legend, spoken } = view;
  const theme = themeOf(root);
  root.dataset.state = header.state;
  root.setAttribute("aria-label", header.lead);
  for (const name of ["lead", "headline", "sentence", "expected"]) write(view[name], header[name]);
  for (const [name, colour] of Object.entries({
    bar: role("train", theme.dark),
    dot: role("text", theme.dark),
    chance: role("test", theme.dark),
  })) {
    root.style.setProperty(`--${name}`, colour);
  }
  withChildren(rows, header.rows.length, () => buildRow(rows));
  header.rows.forEach((row, i) => drawRow(rows.children[i], row));
  legend.hidden = !header.legend.length;
  const marks = JSON.stringify(header.legend);
  if (legend.dataset.marks !== marks) {
    legend.dataset.marks = marks;
    legend.replaceChildren(
      ...header.legend.map(([mark, words]) => make("span", { className: mark, textContent: words })),
    );
  }
  const now = performance.now();
  if (header.state === "final" || now - view.spokenAt > SPOKEN_MS) {
    writeOrHide(spoken, header.headline && `${header.lead}: ${header.headline} ${header.expected}`);
    view.spokenAt = now;
  }
  stamp(root, header);
}

function buildRow(rows) {
  const row = make("div", { className: "row", role: "listitem" }, rows);
  make("span", { className: "name" }, row);
  const track = make("span", { className: "track", ariaHidden: "true" }, row);
  make("i", { className: "bar" }, track);
  make("i", { className: "chance" }, track);
  make("span", { className: "dots" }, track);
  make("span", { className: "number" }, row);
}

function drawRow(element, { name, text, mean, dots, chance, explanation }) {
  const [label, track, number] = element.children;
  const [bar, mark, places] = track.children;
  write(label, name);
  write(number, text);
  element.title = explanation;
  bar.style.width = `${100 * mean}%`;
  mark.hidden = chance === null;
  if (chance !== null) mark.style.left = `${100 * chance}%`;
  withChildren(places, dots.length, () => make("i", {}, places));
  dots.forEach(([place, words], i) => {
    places.children[i].style.left = `${100 * place}%`;
    places.children[i].title = words;
  });
}

export default component(buildBoard, show);
