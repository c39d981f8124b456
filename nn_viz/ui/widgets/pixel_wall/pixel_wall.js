// A wall of little pictures: repainted in place, explored by pointer and keyboard.
import { chosenNow, isPending } from "../../live/asking.js";
import { fitCanvas } from "../../live/canvas.js";
import { component, NOT_YET, stamp, watchSize } from "../../live/component.js";
import { choose } from "../../live/connection.js";
import { make, makeTip, withChildren, write, writeNotes } from "../../live/elements.js";
import { hasModifier } from "../../live/gestures.js";
import { within, written } from "../../live/numbers.js";
import { ramp, themeOf } from "../../live/palette.js";
import { wallLayout } from "./wall_layout.js";
import { paintWall, WALL_RAMPS, wallValue } from "./wall_paint.js";
import { movePointer, nameUnderPointer } from "./wall_pointer.js";

/** @import { Choice } from "../../live/asking.js" */
/** @import { PixelWall } from "../../live/messages.js" */
/** @import { WallLayout, WallPlace } from "./wall_layout.js" */
/** @import { WallAtlas } from "./wall_paint.js" */
/** @typedef {ReturnType<typeof buildWall>} View */

/** @param {HTMLElement} root */
function buildWall(root) {
  const box = make("div", { className: "wall" }, root);
  const canvas = make("canvas", { ariaHidden: "true" }, box);
  const options = make("div", { className: "spoken" }, box);
  const legend = make("div", { className: "legend" }, root);
  const view = {
    root,
    box,
    canvas,
    options,
    legend,
    tip: makeTip(root),
    message: /** @type {PixelWall} */ (NOT_YET),
    layout: /** @type {WallLayout} */ (NOT_YET),
    signature: "", // of what the layout is for
    theme: /** @type {Theme} */ (NOT_YET),
    ratio: 1,
    pattern: /** @type {CanvasPattern | null} */ (null),
    hover: /** @type {WallPlace | null} */ (null),
    atlas: /** @type {WallAtlas | null} */ (null),
    pointer: /** @type {XY | null} */ (null),
    active: 0,
    focused: false,
    selected: /** @type {number | null} */ (null),
    pending: /** @type {Choice<number> | null} */ (null),
    end() {
      stopWatching();
    },
  };
  const stopWatching = watchSize(root, () => view.message && arrange(view));
  box.addEventListener("pointermove", (event) => point(view, event));
  box.addEventListener("pointerleave", () => point(view, null));
  box.addEventListener("click", (event) => {
    point(view, event);
    if (view.hover) pick(view, view.hover.index);
  });
  box.addEventListener("keydown", (event) => press(view, event));
  for (const type of ["focus", "blur"]) {
    box.addEventListener(type, () => {
      view.focused = type === "focus" && box.matches(":focus-visible");
      view.message && paintWall(view);
    });
  }
  return view;
}

/** @type {(view: View, message: PixelWall) => void} */
function show(view, message) {
  view.message = message;
  const { header } = message;
  // Between a click and the server's answer an older repaint may still name the picture selected before.
  const selected = header.selected === null ? null : header.selected * header.group;
  if (!isPending(view.pending, selected === view.pending?.value)) {
    view.selected = selected;
    view.pending = null;
  }
  view.theme = themeOf(view.root);
  view.pattern = null;
  describe(view);
  arrange(view);
  writeNotes(view.root, header.notes);
  stamp(view.root, header);
}

// Lay out for the present width, paint, and refresh what the resting pointer reads.
/** @type {(view: View) => void} */
function arrange(view) {
  const { header, arrays } = view.message;
  const [count, height, width] = arrays.values.shape;
  view.ratio = window.devicePixelRatio || 1;
  const maxWidth = Math.round(view.root.clientWidth * view.ratio);
  if (maxWidth < 1) return;
  // The height is meant for a window of 900 pixels; a projector's is higher.
  const maxHeight = header.maxHeight * Math.max(1, window.innerHeight / 900) * view.ratio;
  const { group } = header;
  const signature = [count, height, width, maxWidth, view.ratio, maxHeight, group].join();
  if (view.signature !== signature) {
    view.signature = signature;
    view.layout = wallLayout({ count, height, width, maxWidth, maxHeight, ratio: view.ratio, group });
    fitCanvas(view.canvas, maxWidth / view.ratio, view.layout.height / view.ratio, view.ratio);
    view.pattern = null;
  }
  view.active = Math.min(view.active, count - 1);
  if (view.pointer) view.hover = nameUnderPointer(view, sentence);
  paintWall(view);
}

/** @type {(view: View, event: PointerEvent | null) => void} */
function point(view, event) {
  if (!view.layout) return;
  const before = JSON.stringify(view.hover);
  view.hover = movePointer(view, event, sentence);
  if (JSON.stringify(view.hover) !== before) paintWall(view);
}

/** @type {(message: PixelWall, place: WallPlace) => string} */
function sentence(message, { index, row, column }) {
  const { header, arrays } = message;
  const value = wallValue(message, index, row, column);
  const silent = arrays.mask.data[row * arrays.values.shape[2] + column] === 1;
  const place = `${header.noun} ${header.labels[index]} \u00b7 row ${row + 1}, column ${column + 1}`;
  const words = value === null ? "no value" : `${header.quantity} ${written(value, header.kind === "signed")}`;
  return `${place} \u00b7 ${words}${silent ? " (silent: no picture inks this pixel)" : ""}`;
}

// Pictures that belong together are one unit's: the first of them stands for it.
/** @type {(view: View, picked: number) => void} */
function pick(view, picked) {
  const { selectable, layer, group } = view.message.header;
  if (!selectable) return;
  const unit = Math.floor(picked / group);
  const index = unit * group;
  Object.assign(view, { selected: index, active: index, pending: chosenNow(index) });
  describe(view);
  paintWall(view);
  choose({ layer: String(layer), neuron: String(unit) });
}

/** @type {(view: View, event: KeyboardEvent) => void} */
function press(view, event) {
  const { header, arrays } = view.message;
  if (!header.selectable || hasModifier(event)) return;
  const [count] = arrays.values.shape;
  const { columns } = view.layout;
  /** @type {Record<string, number>} */
  const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -count, End: count };
  if (event.key in moves) {
    const wanted = view.active + moves[event.key];
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (!vertical || (wanted >= 0 && wanted < count)) view.active = within(wanted, 0, count - 1);
    view.focused = true;
    describe(view);
    paintWall(view);
  } else if (event.key === "Enter" || event.key === " ") {
    pick(view, view.active);
  } else return;
  event.preventDefault();
}

// What a screen reader finds: a list of named pictures, one of them selected; and the legend for everyone.
/** @type {(view: View) => void} */
function describe(view) {
  const { root, box, options, message, selected } = view;
  const { header, arrays } = message;
  const [count, height, width] = arrays.values.shape;
  const name = `${header.caption || header.view}: ${count} ${header.noun || "picture"}${count === 1 ? "" : "s"}, ${height} by ${width} values each`;
  root.setAttribute("aria-label", name);
  root.setAttribute("role", "group");
  box.setAttribute("aria-label", name);
  box.setAttribute("role", header.selectable ? "listbox" : "img");
  box.tabIndex = header.selectable ? 0 : -1;
  const labels = header.selectable ? header.labels : [];
  withChildren(options, labels.length, (i) => make("div", { role: "option", id: `o${i}` }, options));
  labels.forEach((label, i) => {
    const option = options.children[i];
    write(option, `${header.noun} ${label}`);
    option.setAttribute("aria-selected", String(i === selected));
  });
  if (header.selectable) box.setAttribute("aria-activedescendant", `o${Math.min(view.active, count - 1)}`);
  drawLegend(view);
}

/** @type {(view: View) => void} */
function drawLegend({ legend, message, theme }) {
  const { header, arrays } = message;
  const signed = header.kind === "signed";
  const { stops } = ramp(WALL_RAMPS[header.kind], theme.dark);
  const each = header.scale === "each";
  const end = each ? "its largest" : `${header.clipped ? "\u2265 " : ""}${signed ? "+" : ""}${header.end}`;
  const start = each ? "\u2212 its largest" : `${header.clipped ? "\u2264 " : ""}\u2212${header.end}`;
  const numbers = signed ? [start, "0", end] : ["0", end];
  const markings = JSON.stringify([header.caption, numbers, arrays.mask.data.length, stops]);
  if (legend.dataset.markings === markings) return;
  legend.dataset.markings = markings;
  legend.replaceChildren();
  make("span", { className: "caption", textContent: header.caption }, legend);
  if (arrays.mask.data.length) make("span", { className: "silent", textContent: "silent: no picture inks it" }, legend);
  const scale = make("span", { className: "scale", role: "img" }, legend);
  scale.setAttribute("aria-label", `colour scale from ${numbers[0]} to ${numbers.at(-1)}`);
  make("span", { className: "bar" }, scale).style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  const row = make("span", { className: "numbers" }, scale);
  for (const number of numbers) make("span", { textContent: number }, row);
}

export default component(buildWall, show);
