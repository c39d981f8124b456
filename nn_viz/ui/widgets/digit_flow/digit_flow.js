// One digit through the network: repainted in place, explored by pointer and keyboard.
import { fitCanvas } from "../../live/canvas.js";
import { component, stamp, watchSize } from "../../live/component.js";
import { joinConnection, theConnection } from "../../live/connection.js";
import { make, makeTip } from "../../live/elements.js";
import { placeIn } from "../../live/gestures.js";
import { themeOf } from "../../live/palette.js";
import { unpack } from "../../live/wire.js";
import { askForWays, pick, pin } from "./flow_choice.js";
import { press } from "./flow_keys.js";
import { flowHit, flowLayout } from "./flow_layout.js";
import { paintFlow } from "./flow_paint.js";
import { cellAt, sameCell } from "./flow_patch.js";
import { paint } from "./flow_view.js";
import { answer, unitWords } from "./flow_words.js";

function buildFlow(root) {
  const scroller = make("div", { className: "scroller" }, root);
  const canvas = make("canvas", { tabIndex: 0, role: "group" }, scroller);
  const spoken = make("div", { className: "spoken", role: "status" }, root);
  const view = {
    root,
    scroller,
    canvas,
    spoken,
    tip: makeTip(root),
    message: /** @type {any | null} */ (null),
    weights: /** @type {any} */ (null),
    layout: /** @type {any | null} */ (null),
    theme: /** @type {Theme | null} */ (null),
    ratio: 1,
    hover: /** @type {any | null} */ (null),
    pointer: /** @type {{ x: number, y: number } | null} */ (null),
    active: { layer: 0, unit: 0 },
    focused: false,
    picked: /** @type {number[] | null} */ (null),
    pointed: /** @type {number[] | null} */ (null),
    cell: /** @type {any | null} */ (null),
    inside: false,
    closer: /** @type {any | null} */ (null),
    leaveWeights: /** @type {(() => void) | null} */ (null),
    waiting: false,
  };
  view.note = make("p", { className: "note below" }, root);
  const stopWatching = watchSize(root, () => view.message && arrange(view));
  view.end = () => {
    stopWatching();
    view.leaveWeights?.();
  };
  canvas.addEventListener("pointermove", (event) => aim(view, event));
  canvas.addEventListener("pointerleave", () => aim(view, null));
  scroller.addEventListener("scroll", () => aim(view, null));
  canvas.addEventListener("click", (event) => {
    // A click's coordinates are whole pixels, a mouse's are not: what is named under it is what is meant.
    if (event.pointerType !== "mouse" || !view.pointer) aim(view, event);
    if (!view.hover || view.hover.layer < 0) return;
    view.inside = false;
    const cell = cellAt(view, view.hover);
    pin(view, cell && sameCell(cell, view.cell) ? null : cell);
    pick(view, view.hover.layer, view.hover.unit);
  });
  canvas.addEventListener("keydown", (event) => press(view, event));
  for (const type of ["focus", "blur"]) {
    canvas.addEventListener(type, () => {
      view.focused = type === "focus" && canvas.matches(":focus-visible");
      view.message && paintFlow(view);
    });
  }
  return view;
}

function show(view, message) {
  const { header, arrays } = message;
  if (view.message && view.message.header.network !== header.network)
    Object.assign(view, { cell: null, inside: false });
  view.message = message;
  view.picked = header.selected;
  view.theme = themeOf(view.root);
  header.layers.forEach((layer, i) => (layer.shape = arrays[`layer${i}`].shape));
  if (header.weights && !view.leaveWeights) awaitWeights(view, header.weights);
  const name = `From ${header.first} on: ${header.layers.map((layer) => layer.title).join(", ")}. ${answer(message)}`;
  view.root.setAttribute("role", "group");
  view.root.setAttribute("aria-label", name);
  const cells = header.layers.some(({ sees }) => sees.length)
    ? " On a map, Enter goes on into its cells, Escape leaves them."
    : "";
  view.canvas.setAttribute("aria-label", `${name} Arrow keys visit the units, Enter selects one.${cells}`);
  arrange(view);
  stamp(view.root, header);
}

// The weights come on a channel of their own, before the drawing that they belong to; alone when the page has just opened.
function awaitWeights(view, channel) {
  const take = (bytes) => {
    view.weights = unpack(bytes);
    view.root.dataset.weights = view.weights.header.step;
    view.waiting = true;
    requestAnimationFrame(() => view.waiting && view.layout && paint(view));
  };
  view.leaveWeights = joinConnection(channel, take);
  // Where an earlier flow has only just gone, the connection takes this one for it, and does not repeat what came last.
  const last = theConnection().last.get(channel);
  if (last && !view.weights) take(last);
}

function arrange(view) {
  const { header, arrays } = view.message;
  const room = view.root.clientWidth;
  if (room < 1) return;
  view.ratio = window.devicePixelRatio || 1;
  const columns = header.layers.map(({ kind, shape, title, pictured }) => [kind, shape, title, pictured]);
  const signature = JSON.stringify([room, view.ratio, arrays.input.shape, columns, header.weights]);
  if (view.signature !== signature) {
    view.signature = signature;
    view.layout = flowLayout(header.layers, room, header.weights !== null);
    view.active = { layer: 0, unit: 0 };
  }
  fitCanvas(view.canvas, view.layout.width, view.layout.height, view.ratio);
  if (view.pointer) point(view);
  paint(view);
}

function aim(view, event) {
  if (!view.layout) return;
  const before = JSON.stringify(view.hover);
  view.pointer = event && placeIn(view.canvas, event);
  point(view);
  if (JSON.stringify(view.hover) !== before) paintFlow(view);
  askForWays(view, view.hover);
}

function point(view) {
  const { pointer, layout, canvas, scroller, tip } = view;
  view.hover = pointer && flowHit(layout, pointer.x, pointer.y);
  canvas.style.cursor = view.hover && view.hover.layer >= 0 ? "pointer" : "default";
  if (!view.hover) return tip.hide();
  const [x, y, words] = [pointer.x - scroller.scrollLeft, pointer.y, unitWords(view, view.hover)];
  tip.show(x, y, words);
  if (!cellAt(view, view.hover)) return;
  // Below the pointer, and clear of the picture on which the patch is outlined.
  const clear = layout.columns[1].x - scroller.scrollLeft + tip.width() / 2;
  tip.show(Math.max(x, clear), y + 64, words);
}

export default component(buildFlow, show);
