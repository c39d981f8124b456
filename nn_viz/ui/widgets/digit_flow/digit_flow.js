// One digit through the network: repainted in place, explored by pointer and keyboard.
import { fitCanvas } from "../../live/canvas.js";
import { component, NOT_YET, stamp, watchSize } from "../../live/component.js";
import { joinConnection, theConnection } from "../../live/connection.js";
import { make, makeTip } from "../../live/elements.js";
import { placeIn } from "../../live/gestures.js";
import { themeOf } from "../../live/palette.js";
import { unpack } from "../../live/wire.js";
import { askForPaths, pick, pin } from "./flow_choice.js";
import { press } from "./flow_keys.js";
import { flowHit, flowLayout } from "./flow_layout.js";
import { paintFlow } from "./flow_paint.js";
import { cellAt, sameCell } from "./flow_patch.js";
import { paint } from "./flow_view.js";
import { answer, unitWords } from "./flow_words.js";

/** @import { DigitFlow, DigitFlowArrays, DigitFlowHeader, DrawnLayer } from "../../live/messages.js" */
/** @import { FlowWeights, Received } from "../../live/messages.js" */
/** @import { Closer } from "./flow_closer.js" */
/** @import { FlowLayout, Hit } from "./flow_layout.js" */
/** @import { ColumnCanvas } from "./flow_weights.js" */

/**
 * @typedef {DrawnLayer & { shape: number[] }} Layer
 * @typedef {Received<Omit<DigitFlowHeader, "layers"> & { layers: Layer[] }, DigitFlowArrays>} Message
 * @typedef {{ layer: number, unit: number }} Unit of layer -1, the picture, there is one
 * @typedef {Unit & { row: number, column: number }} FlowCell of a map
 * @typedef {ReturnType<typeof buildFlow>} View
 */

/** @param {HTMLElement} root */
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
    note: make("p", { className: "note below" }, root),
    noteRoom: { width: 0, tallest: 0 }, // CSS pixels: the component's width, and the longest note's height in it
    message: /** @type {Message} */ (NOT_YET),
    weights: /** @type {FlowWeights | null} */ (null),
    weightCanvases: /** @type {Map<number, ColumnCanvas>} */ (new Map()),
    layout: /** @type {FlowLayout} */ (NOT_YET),
    signature: "", // of what the layout is for
    theme: /** @type {Theme} */ (NOT_YET),
    ratio: 1,
    hover: /** @type {Hit | null} */ (null),
    pointer: /** @type {XY | null} */ (null),
    active: /** @type {Unit} */ ({ layer: 0, unit: 0 }),
    focused: false,
    picked: /** @type {number[] | null} */ (null),
    pointed: /** @type {number[] | null} */ (null),
    announced: /** @type {string | null} */ (null),
    cell: /** @type {FlowCell | null} */ (null),
    inside: false,
    closer: /** @type {Closer | null} */ (null),
    leaveWeights: /** @type {(() => void) | null} */ (null),
    waiting: false,
    end() {
      stopWatching();
      view.leaveWeights?.();
    },
  };
  const stopWatching = watchSize(root, () => view.message && arrange(view));
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

/** @type {(view: View, message: DigitFlow) => void} */
function show(view, message) {
  const { header, arrays } = message;
  const layers = header.layers.map((layer, i) => ({ ...layer, shape: arrays[`layer${i}`].shape }));
  if (view.message && view.message.header.network !== header.network)
    Object.assign(view, { cell: null, inside: false });
  view.message = { ...message, header: { ...header, layers } };
  view.picked = header.selected;
  view.theme = themeOf(view.root);
  if (header.weights && !view.leaveWeights) awaitWeights(view, header.weights);
  const name = `From ${header.first} on: ${header.layers.map((layer) => layer.title).join(", ")}. ${answer(view.message)}`;
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
/** @type {(view: View, channel: string) => void} */
function awaitWeights(view, channel) {
  /** @type {(bytes: Uint8Array) => void} */
  const take = (bytes) => {
    /** @type {FlowWeights} */
    const weights = unpack(bytes);
    view.weights = weights;
    view.root.dataset.weights = String(weights.header.step);
    view.waiting = true;
    requestAnimationFrame(() => view.waiting && view.layout && paint(view));
  };
  view.leaveWeights = joinConnection(channel, take);
  // Where an earlier flow has only just gone, the connection takes this one for it, and does not repeat what came last.
  const last = theConnection().lastMessages.get(channel);
  if (last && !view.weights) take(last);
}

/** @type {(view: View) => void} */
function arrange(view) {
  const { header, arrays } = view.message;
  const maxWidth = view.root.clientWidth;
  if (maxWidth < 1) return;
  view.ratio = window.devicePixelRatio || 1;
  const columns = header.layers.map(({ kind, shape, title, pictured }) => [kind, shape, title, pictured]);
  const signature = JSON.stringify([maxWidth, view.ratio, arrays.input.shape, columns, header.weights]);
  if (view.signature !== signature) {
    view.signature = signature;
    view.layout = flowLayout(header.layers, maxWidth, header.weights !== null);
    view.active = { layer: 0, unit: 0 };
  }
  fitCanvas(view.canvas, view.layout.width, view.layout.height, view.ratio);
  if (view.pointer) point(view);
  paint(view);
}

/** @type {(view: View, event: PointerEvent | null) => void} */
function aim(view, event) {
  if (!view.layout) return;
  const before = JSON.stringify(view.hover);
  view.pointer = event && placeIn(view.canvas, event);
  point(view);
  if (JSON.stringify(view.hover) !== before) paintFlow(view);
  askForPaths(view, view.hover);
}

/** @type {(view: View) => void} */
function point(view) {
  const { pointer, layout, canvas, scroller, tip } = view;
  view.hover = pointer && flowHit(layout, pointer.x, pointer.y);
  canvas.style.cursor = view.hover && view.hover.layer >= 0 ? "pointer" : "default";
  if (!pointer || !view.hover) return tip.hide();
  const [x, y, words] = [pointer.x - scroller.scrollLeft, pointer.y, unitWords(view, view.hover)];
  tip.show(x, y, words);
  if (!cellAt(view, view.hover)) return;
  // Below the pointer, and clear of the picture on which the patch is outlined.
  const clear = layout.columns[1].x - scroller.scrollLeft + tip.width() / 2;
  tip.show(Math.max(x, clear), y + 64, words);
}

export default component(buildFlow, show);
