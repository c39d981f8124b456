// How sure each network stays while the picture is moved: small curves, and a mark at the present move.
import { component, NOT_YET, stamp, watchSize } from "../../../live/component.js";
import { send } from "../../../live/connection.js";
import { find, make, makeTip, writeNotes } from "../../../live/elements.js";
import { placeIn } from "../../../live/gestures.js";
import { role, themeOf } from "../../../live/palette.js";
import { dashes, lineColour, percent } from "../drag_box/network_lines.js";
import { CURVE, partOf, plotOf } from "./curve_layout.js";

/** @import { CurvePanel, ShiftCurves } from "../../../live/messages.js" */
/** @typedef {ReturnType<typeof plotOf>} Plot */
/** @typedef {ReturnType<typeof buildCurves>} View */

const REST = [0, 0, 0, 1]; // [right, down, turned, scale], as in drag_move.js: a component is a module of its own
const NARROW = 220; // CSS pixels: a narrower plot has room for every other tick

/** @param {HTMLElement} root */
function buildCurves(root) {
  const legend = make("div", { className: "legend", ariaHidden: "true" }, root);
  const panels = make("div", { className: "panels" }, root);
  const empty = make("div", { className: "nothing" }, root);
  const view = {
    root,
    legend,
    panels,
    empty,
    tip: makeTip(root),
    message: /** @type {ShiftCurves} */ (NOT_YET),
    theme: /** @type {Theme} */ (NOT_YET),
    plots: /** @type {Plot[]} */ ([]),
    move: REST,
    now: /** @type {number[]} */ ([]),
    end() {
      window.removeEventListener("nnviz-move", follow);
      stopWatching();
    },
  };
  /** @type {(event: Event) => void} */
  const follow = (event) => {
    const { move, sure } = /** @type {CustomEvent} */ (event).detail;
    Object.assign(view, { move, now: sure });
    if (view.message) markMove(view);
  };
  window.addEventListener("nnviz-move", follow);
  const stopWatching = watchSize(root, () => view.message && paintCurves(view));
  return view;
}

/** @type {(view: View, message: ShiftCurves) => void} */
function showCurves(view, message) {
  const { root } = view;
  const { header } = message;
  const first = !view.message;
  view.message = message;
  view.theme = themeOf(root);
  if (first) Object.assign(view, { move: header.move, now: header.now }); // later the box says it, and it is ahead
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "How sure each network stays while the picture is moved");
  paintCurves(view);
  writeNotes(root, header.notes);
  stamp(root, header);
}

/** @type {(view: View) => void} */
function paintCurves(view) {
  const { root, panels, legend, empty, message, theme } = view;
  const { transformations, names, empty: nothing } = message.header;
  empty.textContent = nothing;
  for (const element of [panels, legend]) element.hidden = Boolean(nothing);
  if (nothing) return;
  root.style.setProperty("--grid", role("grid", theme.dark));
  root.style.setProperty("--muted", role("muted", theme.dark));
  names.forEach((_, i) => root.style.setProperty(`--line${i}`, lineColour(i, theme)));
  legend.replaceChildren();
  names.forEach((name, i) => {
    const entry = make("span", {}, legend);
    entry.innerHTML = `<svg viewBox="0 0 22 6"><path d="M0 3H22" stroke="var(--line${i})"${dashes(i)}/></svg>`;
    entry.append(name);
  });
  while (panels.childElementCount < transformations.length) buildPanel(view, panels.childElementCount);
  view.plots = transformations.map((transformation, i) => paintPanel(view, transformation, i));
  markMove(view);
}

/** @type {(view: View, number: number) => void} */
function buildPanel(view, number) {
  const panel = make("div", { className: "panel" }, view.panels);
  panel.innerHTML = `<div class="name"></div><svg role="img"><g class="still"></g><line class="aim"/><g class="now"></g></svg>`;
  const svg = find(panel, "svg");
  /** @type {(event: MouseEvent) => number} */
  const stepAt = (event) => view.plots[number].step(placeIn(svg, event).x);
  svg.addEventListener("pointermove", (event) => aim(view, number, stepAt(event)));
  svg.addEventListener("pointerleave", () => aim(view, number, null));
  svg.addEventListener("click", (event) => {
    const move = [...REST];
    move[number] = view.message.header.transformations[number].values[stepAt(event)];
    send({ move });
  });
}

/** @type {(view: View, transformation: CurvePanel, number: number) => Plot} */
function paintPanel({ panels, message }, transformation, number) {
  const { header, arrays } = message;
  const panel = panels.children[number];
  const svg = find(panel, "svg");
  const width = panel.clientWidth;
  const plot = plotOf(transformation.values, width, header.names.length);
  const { x, y, foot } = plot;
  find(panel, ".name").textContent = transformation.title;
  svg.setAttribute("aria-label", transformation.label);
  svg.setAttribute("viewBox", `0 0 ${width} ${CURVE.height}`);
  svg.setAttribute("height", String(CURVE.height));
  const [left, right] = [x(transformation.values[0]), x(transformation.values[transformation.values.length - 1])];
  const parts = [0, 0.5, 1].map(
    (share) =>
      `<path class="grid" d="M${left} ${y(share)}H${right}"/><text x="${left - 5}" y="${y(share) + 4}" text-anchor="end">${share * 100}${share === 1 ? " %" : ""}</text>`,
  );
  parts.push(`<path class="rest" d="M${x(REST[number])} ${y(0)}V${y(1)}"/>`);
  const ticks = transformation.ticks.filter((_, i) => i % 2 === 0 || width > NARROW);
  ticks.forEach(([value, text], i) => {
    const anchor = i === 0 ? "start" : i === ticks.length - 1 ? "end" : "middle";
    const at = i === 0 ? left - 8 : i === ticks.length - 1 ? right + 8 : x(value);
    parts.push(`<text x="${at}" y="${CURVE.height - 5}" text-anchor="${anchor}">${text}</text>`);
  });
  header.names.forEach((_, i) => {
    const sure = partOf(header.transformations, number, arrays[`sure${i}`].data);
    const [low, high] = transformation.ranges[i].map(x);
    const line = [...sure]
      .map((share, n) => `${x(transformation.values[n]).toFixed(1)} ${y(share).toFixed(1)}`)
      .join("L");
    parts.push(`<path class="line" d="M${line}" stroke="var(--line${i})"${dashes(i)}/>`);
    parts.push(
      `<path class="range" d="M${low - 2} ${foot + 6 + CURVE.bar * i}H${high + 2}" stroke="var(--line${i})"${dashes(i)}/>`,
    );
  });
  find(svg, ".still").innerHTML = parts.join("");
  return plot;
}

// A line where this part of the move is. The dots say how sure the networks are now: beside the curve where other parts
// of the move are at work too; none where only those are.
/** @type {(view: View) => void} */
function markMove({ panels, plots, move, now }) {
  const still = move.every((value, i) => value === REST[i]);
  plots.forEach(({ x, y }, number) => {
    const at = x(move[number]);
    const parts = [`<path class="move" d="M${at} ${y(0)}V${y(1)}"/>`];
    if (still || move[number] !== REST[number]) {
      parts.push(...now.map((share, i) => `<circle r="4.5" cx="${at}" cy="${y(share)}" fill="var(--line${i})"/>`));
    }
    find(panels.children[number], ".now").innerHTML = parts.join("");
  });
}

// What the curves say where the pointer is.
/** @type {(view: View, number: number, step: number | null) => void} */
function aim(view, number, step) {
  const { root, panels, tip, plots, message } = view;
  const panel = panels.children[number];
  const line = find(panel, ".aim");
  line.style.display = step === null ? "none" : "";
  if (step === null) return tip.hide();
  const transformation = message.header.transformations[number];
  const { x, y } = plots[number];
  const at = x(transformation.values[step]);
  for (const [name, value] of Object.entries({ x1: at, x2: at, y1: y(0), y2: y(1) }))
    line.setAttribute(name, String(value));
  const [box, svg] = [root.getBoundingClientRect(), find(panel, "svg").getBoundingClientRect()];
  tip.show(svg.left - box.left + at, svg.top - box.top, curveWords(message, number, step));
}

// "3 pixels to the right · 25-15: 12 % for 7, it reads 2 · c8k3: 98 % for 7"
/** @type {(message: ShiftCurves, number: number, step: number) => string} */
function curveWords({ header, arrays }, number, step) {
  const said = header.names.map((name, i) => {
    const sure = partOf(header.transformations, number, arrays[`sure${i}`].data);
    const answers = partOf(header.transformations, number, arrays[`answers${i}`].data);
    const [rest, answer] = [header.rests[i], answers[step]];
    const other = answer === rest ? "" : `, it reads ${header.classNames[answer]}`;
    return `${name}: ${percent(sure[step])} for ${header.classNames[rest]}${other}`;
  });
  return [header.transformations[number].texts[step], ...said].join(" \u00b7 ");
}

export default component(buildCurves, showCurves);
