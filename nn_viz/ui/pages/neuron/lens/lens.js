// One neuron's weights large: point at a pixel to read it, choose one with a click or the keys, play how they came to be.
import { chosenNow, isPending } from "../../../live/asking.js";
import { fitCanvas } from "../../../live/canvas.js";
import { component, NOT_YET, stamp, watchSize } from "../../../live/component.js";
import { choose } from "../../../live/connection.js";
import { make, makeTip, writeNotes } from "../../../live/elements.js";
import { hasModifier } from "../../../live/gestures.js";
import { within } from "../../../live/numbers.js";
import { themeOf } from "../../../live/palette.js";
import { wallLayout } from "../../../widgets/pixel_wall/wall_layout.js";
import { paintWall } from "../../../widgets/pixel_wall/wall_paint.js";
import { movePointer, nameUnderPointer } from "../../../widgets/pixel_wall/wall_pointer.js";
import { buildFilm, describeFilm, stopFilm } from "./lens_film.js";
import { centre, drawScale, markPixels, words } from "./lens_paint.js";

/** @import { Choice } from "../../../live/asking.js" */
/** @import { Lens } from "../../../live/messages.js" */
/** @import { WallLayout, WallPlace } from "../../../widgets/pixel_wall/wall_layout.js" */
/** @import { WallAtlas } from "../../../widgets/pixel_wall/wall_paint.js" */
/** @typedef {ReturnType<typeof buildLens>} View */

/** @param {HTMLElement} root */
function buildLens(root) {
  const box = make("div", { className: "wall" }, root);
  const canvas = make("canvas", { ariaHidden: "true" }, box);
  const spoken = make("div", { className: "spoken", role: "status" }, box);
  const foot = make("div", { className: "foot" }, root);
  const film = buildFilm(
    foot,
    () => {
      if (view.message) arrange(view);
    },
    (frame) => holdFrame(view, frame),
  );
  const legend = make("div", { className: "legend" }, foot);
  const view = {
    root,
    box,
    canvas,
    spoken,
    film,
    legend,
    tip: makeTip(root),
    message: /** @type {Lens} */ (NOT_YET),
    layout: /** @type {WallLayout} */ (NOT_YET),
    signature: "", // of what the layout is for
    theme: /** @type {Theme} */ (NOT_YET),
    ratio: 1,
    pattern: /** @type {CanvasPattern | null} */ (null),
    atlas: /** @type {WallAtlas | null} */ (null),
    hover: null,
    active: 0,
    selected: null,
    focused: false,
    pointer: /** @type {XY | null} */ (null),
    under: /** @type {WallPlace | null} */ (null),
    pixel: /** @type {WallPlace | null} */ (null),
    cursor: /** @type {WallPlace | null} */ (null),
    keys: false,
    pending: /** @type {Choice<number> | null} */ (null),
    end() {
      stopFilm(film, false);
      stopWatching();
    },
  };
  const stopWatching = watchSize(root, () => view.message && arrange(view));
  box.addEventListener("pointermove", (event) => point(view, event));
  box.addEventListener("pointerleave", () => point(view, null));
  box.addEventListener("click", (event) => {
    point(view, event);
    if (view.under) pickPixel(view, view.under);
  });
  box.addEventListener("keydown", (event) => press(view, event));
  for (const type of ["focus", "blur"]) {
    box.addEventListener(type, () => {
      view.keys = type === "focus" && box.matches(":focus-visible");
      if (view.message) arrange(view);
    });
  }
  return view;
}

/** @type {(view: View, message: Lens) => void} */
function show(view, message) {
  view.message = message;
  const { header, arrays } = message;
  const named = header.pixel === null ? null : placeOf(header.pixel, arrays.values.shape);
  // Between a click and the server's answer an older repaint may still name the pixel chosen before.
  if (!isPending(view.pending, header.pixel === view.pending?.value)) {
    view.pixel = named;
    view.pending = null;
  }
  if (!view.cursor || !holds(arrays.values.shape, view.cursor)) view.cursor = named;
  view.theme = themeOf(view.root);
  view.pattern = null;
  const keys = arrays.values.shape[0] > 1 ? "the arrow keys, Page Up, Page Down and Enter" : "the arrow keys and Enter";
  const name = `${header.caption}: ${header.selectable ? `choose a pixel with ${keys}` : "its weights"}`;
  view.box.setAttribute("role", header.selectable ? "application" : "img");
  view.box.setAttribute("aria-label", name);
  view.box.tabIndex = header.selectable ? 0 : -1;
  view.root.setAttribute("role", "group");
  view.root.setAttribute("aria-label", header.caption);
  view.root.dataset.pixel = String(header.pixel ?? "");
  arrange(view);
  drawScale(view);
  writeNotes(view.root, header.notes);
  stamp(view.root, header);
}

// Pixels are counted row by row, and picture by picture where there are several.
/** @type {(pixel: number, shape: number[]) => WallPlace} */
const placeOf = (pixel, [, height, width]) => {
  const place = pixel % (height * width);
  return { index: Math.floor(pixel / (height * width)), row: Math.floor(place / width), column: place % width };
};
/** @type {(place: WallPlace, shape: number[]) => number} */
const pixelOf = ({ index, row, column }, [, height, width]) => (index * height + row) * width + column;
/** @type {(shape: number[], place: WallPlace) => boolean} */
const holds = ([count, height, width], { index, row, column }) => index < count && row < height && column < width;

// What is seen: the moment shown, or a frame of the film, in the form that a wall is painted from.
/** @type {(view: View) => Lens} */
function seenNow({ message, film }) {
  const { header, arrays } = message;
  if (film.frame === null || film.frame >= header.steps.length) return message;
  const size = arrays.values.data.length;
  const [count] = arrays.values.shape;
  const data = arrays.film.data.subarray(film.frame * size, (film.frame + 1) * size);
  /** @type {(value: number) => { data: Float32Array, shape: number[] }} */
  const all = (value) => ({ data: new Float32Array(count).fill(value), shape: [count] });
  const frame = {
    values: { data, shape: arrays.values.shape },
    limits: all(arrays.filmLimit.data[0]),
    ends: all(arrays.filmEnds.data[film.frame]),
  };
  return { ...message, arrays: { ...arrays, ...frame } };
}

/** @type {(view: View) => void} */
function arrange(view) {
  const { header, arrays } = view.message;
  const [count, height, width] = arrays.values.shape;
  view.ratio = window.devicePixelRatio || 1;
  const maxWidth = Math.round(view.root.clientWidth * view.ratio);
  if (maxWidth < 1) return;
  const maxHeight = header.maxHeight * Math.max(1, window.innerHeight / 900) * view.ratio;
  const signature = [count, height, width, maxWidth, view.ratio, maxHeight].join();
  if (view.signature !== signature) {
    view.signature = signature;
    view.layout = wallLayout({ count, height, width, maxWidth, maxHeight, ratio: view.ratio });
    if (count === 1) centre(view.layout, maxWidth);
    fitCanvas(view.canvas, maxWidth / view.ratio, view.layout.height / view.ratio, view.ratio);
    view.pattern = null;
  }
  const { message } = view;
  view.message = seenNow(view);
  paintWall(view);
  if (view.pointer) view.under = nameUnderPointer(view, words);
  view.message = message;
  markPixels(view);
  describeFilm(view.film, header.epochs, header.epoch ?? 0); // a lens always stands on a snapshot
  view.root.dataset.frame = String(view.film.frame ?? "");
}

/** @type {(view: View, event: PointerEvent | null) => void} */
function point(view, event) {
  if (!view.layout) return;
  const before = JSON.stringify(view.under);
  view.under = movePointer(view, event, words);
  if (JSON.stringify(view.under) !== before) arrange(view);
}

/** @type {(view: View, place: WallPlace) => void} */
function pickPixel(view, place) {
  const { header, arrays } = view.message;
  if (!header.selectable) return;
  const pixel = pixelOf(place, arrays.values.shape);
  view.pending = chosenNow(pixel);
  view.pixel = view.cursor = place;
  arrange(view);
  choose({ pixel: String(pixel) });
}

/** @type {(view: View, frame: number) => void} */
function holdFrame(view, frame) {
  const { steps } = view.message.header;
  choose({ at: frame + 1 >= steps.length ? null : String(steps[frame]) });
}

/** @type {(view: View, event: KeyboardEvent) => void} */
function press(view, event) {
  const { header, arrays } = view.message;
  if (!header.selectable || !view.cursor || hasModifier(event)) return;
  const [count, height, width] = arrays.values.shape;
  const { index, row, column } = view.cursor;
  /** @type {Record<string, [down: number, right: number]>} */
  const moves = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    Home: [0, -width],
    End: [0, width],
  };
  /** @type {Record<string, number>} */
  const pages = count > 1 ? { PageUp: -1, PageDown: 1 } : {};
  if (event.key in moves || event.key in pages) {
    const [down, right] = moves[event.key] ?? [0, 0];
    view.cursor = {
      index: within(index + (pages[event.key] ?? 0), 0, count - 1),
      row: within(row + down, 0, height - 1),
      column: within(column + right, 0, width - 1),
    };
    view.keys = true;
    view.spoken.textContent = words(view.message, view.cursor);
    arrange(view);
  } else if (event.key === "Enter" || event.key === " ") pickPixel(view, view.cursor);
  else return;
  event.preventDefault();
}

export default component(buildLens, show);
