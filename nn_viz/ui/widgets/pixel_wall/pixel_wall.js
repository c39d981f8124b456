// A wall of little pictures: repainted in place, explored by pointer and keyboard.
import { chosenNow, isPending } from "../../live/asking.js";
import { component, NOT_YET, stamp, watchSize } from "../../live/component.js";
import { choose } from "../../live/connection.js";
import { make, makeTip, withChildren, write, writeNotes } from "../../live/elements.js";
import { hasModifier } from "../../live/gestures.js";
import { within, written } from "../../live/numbers.js";
import { ramp, themeOf } from "../../live/palette.js";
import { wallLayout } from "./wall_layout.js";
import { silentWords, writeLegend } from "./wall_legend.js";
import { fitWall, paintWall, WALL_RAMPS, wallValue } from "./wall_paint.js";
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
  if (!fitWall(view, wallLayout, header.group)) return;
  view.active = Math.min(view.active, arrays.values.shape[0] - 1);
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
  const { header } = message;
  const value = wallValue(message, index, row, column);
  const place = `${header.noun} ${header.labels[index]} \u00b7 row ${row + 1}, column ${column + 1}`;
  const words = value === null ? "no value" : `${header.quantity} ${written(value, header.kind === "signed")}`;
  return `${place} \u00b7 ${words}${silentWords(message, row, column)}`;
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
  const { group } = header;
  const { columns } = view.layout; // whole groups
  /** @type {Record<string, number>} */
  const moves = {
    ArrowLeft: -group,
    ArrowRight: group,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: -count,
    End: count,
  };
  if (event.key in moves) {
    const wanted = view.active + moves[event.key];
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (!vertical || (wanted >= 0 && wanted < count)) view.active = within(wanted, 0, count - group);
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
  const [pictures, height, width] = arrays.values.shape;
  const group = header.selectable ? header.group : 1;
  const count = pictures / group;
  const name = `${header.caption || header.view}: ${count} ${header.noun || "picture"}${count === 1 ? "" : "s"}, ${height} by ${width} values each`;
  root.setAttribute("aria-label", name);
  root.setAttribute("role", "group");
  box.setAttribute("aria-label", name);
  box.setAttribute("role", header.selectable ? "listbox" : "img");
  box.tabIndex = header.selectable ? 0 : -1;
  const labels = header.selectable ? header.labels.filter((_, i) => i % group === 0) : [];
  withChildren(options, labels.length, (i) => make("div", { role: "option", id: `o${i}` }, options));
  labels.forEach((label, i) => {
    const option = options.children[i];
    write(option, `${header.noun} ${label}`);
    option.setAttribute("aria-selected", String(i * group === selected));
  });
  if (header.selectable)
    box.setAttribute("aria-activedescendant", `o${Math.min(Math.floor(view.active / group), count - 1)}`);
  drawLegend(view);
}

/** @type {(view: View) => void} */
function drawLegend({ legend, message, theme }) {
  const { header } = message;
  const signed = header.kind === "signed";
  const { stops } = ramp(WALL_RAMPS[header.kind], theme.dark);
  const each = header.scale === "each";
  const end = each ? "its largest" : `${header.clipped ? "\u2265 " : ""}${signed ? "+" : ""}${header.end}`;
  const start = each ? "\u2212 its largest" : `${header.clipped ? "\u2264 " : ""}\u2212${header.end}`;
  const numbers = signed ? [start, "0", end] : ["0", end];
  writeLegend(legend, message, numbers, stops, header.caption);
}

export default component(buildWall, show);
