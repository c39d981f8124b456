// Painting a wall: all values into one small atlas (a pixel a value), then every picture enlarged without smoothing.
import { fitCanvas, hatch, penOf } from "../../live/canvas.js";
import { ramp, shadeOf } from "../../live/palette.js";
import { FULL_SCALE, MISSING } from "../../live/wire.js";

/** @import { PixelWallArrays, PixelWallHeader } from "../../live/messages.js" */
/** @import { WallLayout, WallOptions, WallPlace } from "./wall_layout.js" */

/**
 * What is painted and pointed at in a wall: a lens is one too.
 * @typedef {{ canvas: OffscreenCanvas, image: ImageData }} WallAtlas
 * @typedef {{ header: Pick<PixelWallHeader, "kind" | "labels" | "selectable" | "maxHeight">, arrays: PixelWallArrays }} WallMessage
 * @typedef {{ canvas: HTMLCanvasElement, message: WallMessage, layout: WallLayout, theme: Theme, ratio: number,
 *   pattern: CanvasPattern | null, atlas: WallAtlas | null, hover: WallPlace | null, active: number, focused: boolean,
 *   selected: number | null }} WallView
 */

/** @type {Record<PixelWallHeader["kind"], RampName>} */
export const WALL_RAMPS = { signed: "diverging", magnitude: "sequential", ink: "ink" };

/**
 * Lay the pictures out by `lay` where its options have changed; false where the wall has no width.
 * @type {(view: WallView & { root: HTMLElement, signature: string }, lay: (options: WallOptions) => WallLayout, group?: number) =>
 *   boolean}
 */
export function fitWall(view, lay, group = 1) {
  const { header, arrays } = view.message;
  const [count, height, width] = arrays.values.shape;
  const ratio = window.devicePixelRatio || 1;
  view.ratio = ratio;
  const maxWidth = Math.round(view.root.clientWidth * ratio);
  if (maxWidth < 1) return false;
  // The height is meant for a window of 900 pixels; a projector's is higher.
  const maxHeight = header.maxHeight * Math.max(1, window.innerHeight / 900) * ratio;
  const signature = [count, height, width, maxWidth, ratio, maxHeight, group].join();
  if (view.signature !== signature) {
    view.signature = signature;
    view.layout = lay({ count, height, width, maxWidth, maxHeight, ratio, group });
    fitCanvas(view.canvas, maxWidth / ratio, view.layout.height / ratio, ratio);
    view.pattern = null;
  }
  return true;
}

/** @type {(view: WallView) => void} */
export function paintWall(view) {
  const { canvas, message, layout, theme, ratio } = view;
  const { header, arrays } = message;
  const [count, height, width] = arrays.values.shape;
  const colours = ramp(WALL_RAMPS[header.kind], theme.dark);
  const pen = penOf(canvas);
  const { gaps, atlas } = fillAtlas(view, colours);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = layout.cell < 2;
  pen.imageSmoothingQuality = "high";
  if (gaps) view.pattern ??= hatch(pen, theme, ratio);
  const { tiles, tileWidth, tileHeight, cell } = layout;
  tiles.forEach(({ x, y }, i) => {
    if (gaps && view.pattern) {
      pen.fillStyle = view.pattern;
      pen.fillRect(x, y, tileWidth, tileHeight);
    }
    pen.drawImage(atlas, 0, i * height, width, height, x, y, tileWidth, tileHeight);
    if (cell >= 30 * ratio) writeValues(view, pen, i, colours);
    frame(pen, layout, i, ratio, theme.dark ? "#ffffff26" : "#00000026", 0);
    if (layout.label) writeLabel(view, pen, i);
  });
  if (view.hover) frame(pen, layout, view.hover.index, 1.5 * ratio, theme.text, ratio);
  if (view.focused) frame(pen, layout, view.active, 1.5 * ratio, theme.text, 3 * ratio, [3 * ratio, 3 * ratio]);
  if (view.selected !== null && view.selected < count)
    frame(pen, layout, view.selected, 3 * ratio, theme.accent, ratio);
}

// Values -> colours. `gaps`: some values are silent or missing; those stay transparent, over the hatch.
/** @type {(view: WallView, colours: Ramp) => { gaps: boolean, atlas: OffscreenCanvas }} */
function fillAtlas(view, colours) {
  const { header, arrays } = view.message;
  const { data, shape } = arrays.values;
  const [count, height, width] = shape;
  const [limits, ends, mask] = [arrays.limits.data, arrays.ends.data, arrays.mask.data];
  const tall = count * height;
  const isFitting = view.atlas?.canvas.width === width && view.atlas.canvas.height === tall;
  if (!isFitting) view.atlas = { canvas: new OffscreenCanvas(width, tall), image: new ImageData(width, tall) };
  const atlas = /** @type {WallAtlas} */ (view.atlas);
  const pixels = new Uint32Array(atlas.image.data.buffer);
  const signed = header.kind === "signed";
  let gaps = false;
  for (let i = 0, at = 0; i < count; i++) {
    const factor = limits[i] / ends[i] / FULL_SCALE;
    for (let p = 0; p < height * width; p++, at++) {
      const silent = data[at] === MISSING || mask[p] === 1;
      gaps ||= silent;
      pixels[at] = silent ? 0 : colours.pixels[shadeOf(data[at] * factor, signed)];
    }
  }
  penOf(atlas.canvas).putImageData(atlas.image, 0, 0);
  return { gaps, atlas: atlas.canvas };
}

// The value of one pixel, or null where there is none.
/** @type {(message: WallMessage, index: number, row: number, column: number) => number | null} */
export function wallValue({ arrays }, index, row, column) {
  const [, height, width] = arrays.values.shape;
  const quantised = arrays.values.data[(index * height + row) * width + column];
  return quantised === MISSING ? null : (quantised / FULL_SCALE) * arrays.limits.data[index];
}

/** @type {(view: WallView, pen: Pen, index: number, colours: Ramp) => void} */
function writeValues({ message, layout, theme, ratio }, pen, index, colours) {
  const { header, arrays } = message;
  const [, height, width] = arrays.values.shape;
  const { x, y } = layout.tiles[index];
  pen.font = `${Math.round(Math.min(13, layout.cell / ratio / 3) * ratio)}px ${theme.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = wallValue(message, index, row, column);
      if (value === null || arrays.mask.data[row * width + column] === 1) continue;
      pen.fillStyle = colours.ink(shadeOf(value / arrays.ends.data[index], header.kind === "signed"));
      pen.fillText(inCell(value), x + (column + 0.5) * layout.cell, y + (row + 0.53) * layout.cell);
    }
  }
}

// Three digits at most, and no zero with a sign.
/** @type {(value: number) => string} */
function inCell(value) {
  const size = Math.abs(value);
  const text = size.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
  return (value < 0 && Number(text) ? "\u2212" : "") + text;
}

/** @type {(view: WallView, pen: Pen, index: number) => void} */
function writeLabel({ message, layout, theme, ratio, selected }, pen, index) {
  const { x, y } = layout.tiles[index];
  pen.font = `${index === selected ? 600 : 400} ${Math.round(11 * ratio)}px ${theme.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  pen.fillStyle = theme.text;
  pen.globalAlpha = index === selected ? 1 : 0.72;
  pen.fillText(message.header.labels[index], x, y - 5 * ratio, layout.tileWidth);
  pen.globalAlpha = 1;
}

/**
 * A frame around a picture, never over its pixels.
 * @type {(pen: Pen, layout: WallLayout, index: number, thickness: number, colour: string, distance: number,
 *   dashes?: number[]) => void}
 */
function frame(pen, { tiles, tileWidth, tileHeight }, index, thickness, colour, distance, dashes = []) {
  const grow = distance + thickness / 2;
  pen.setLineDash(dashes);
  pen.lineWidth = thickness;
  pen.strokeStyle = colour;
  pen.strokeRect(tiles[index].x - grow, tiles[index].y - grow, tileWidth + 2 * grow, tileHeight + 2 * grow);
  pen.setLineDash([]);
}
