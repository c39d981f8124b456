// Canvases: sized in device pixels, cleared, and filled from tables of colours.

/**
 * Size a canvas, given in CSS pixels, in device pixels; touching its size clears it, so only when that changes.
 * @type {(canvas: HTMLCanvasElement, width: number, height: number, ratio: number) => void}
 */
export function fitCanvas(canvas, width, height, ratio) {
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  canvas.style.width = `${w / ratio}px`;
  canvas.style.height = `${h / ratio}px`;
}

/**
 * @template {HTMLCanvasElement | OffscreenCanvas} Canvas
 * @param {Canvas} canvas
 */
export const penOf = (canvas) =>
  /** @type {Canvas extends HTMLCanvasElement ? CanvasRenderingContext2D : OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext("2d")
  );

/**
 * A cleared canvas's pen, in CSS pixels.
 * @type {(canvas: HTMLCanvasElement, ratio: number) => CanvasRenderingContext2D}
 */
export function clearedPen(canvas, ratio) {
  const pen = penOf(canvas);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.width / ratio, canvas.height / ratio);
  return pen;
}

/**
 * A small picture, a pixel a value, to be drawn enlarged: `fill` writes its colours.
 * @type {(width: number, height: number, fill: (pixels: Uint32Array) => void) => OffscreenCanvas}
 */
export function smallPicture(width, height, fill) {
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  fill(new Uint32Array(image.data.buffer));
  penOf(canvas).putImageData(image, 0, 0);
  return canvas;
}

/**
 * A pattern for silent pixels: grey with diagonal lines, unlike any colour of the ramps.
 * @type {(context: Pen, theme: Theme, ratio: number) => CanvasPattern}
 */
export function hatch(context, theme, ratio) {
  const size = Math.max(4, Math.round(5 * ratio));
  const tile = new OffscreenCanvas(size, size);
  const pen = penOf(tile);
  pen.fillStyle = theme.dark ? "#3a404b" : "#dde0e6";
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = theme.dark ? "#626a78" : "#a9b0bc";
  pen.lineWidth = Math.max(1, ratio * 0.9);
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  return /** @type {CanvasPattern} */ (context.createPattern(tile, "repeat"));
}

/**
 * A frame that is seen on ink and on paper alike: the page's colour around the accent's, `rim` wider.
 * @type {(pen: Pen, theme: Theme, x: number, y: number, width: number, height: number, thickness?: number,
 *   rim?: number) => void}
 */
export function framed(pen, theme, x, y, width, height, thickness = 2.5, rim = 3) {
  for (const [colour, line] of /** @type {const} */ ([
    [theme.background, thickness + rim],
    [theme.accent, thickness],
  ])) {
    pen.strokeStyle = colour;
    pen.lineWidth = line;
    pen.strokeRect(x, y, width, height);
  }
}
