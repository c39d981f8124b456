// Canvases: sized in device pixels, cleared, and filled from tables of colours.

// Size a canvas in device pixels; touching width or height clears it, so only when they change.
export function fitCanvas(canvas, width, height, ratio) {
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  canvas.style.width = `${w / ratio}px`;
  canvas.style.height = `${h / ratio}px`;
}

export const penOf = (canvas) => canvas.getContext("2d");

// A cleared canvas's pen, in CSS pixels.
export function clearedPen(canvas, ratio) {
  const pen = penOf(canvas);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.width / ratio, canvas.height / ratio);
  return pen;
}

// A small picture, a pixel a value, to be drawn enlarged: `fill` writes its colours.
export function smallPicture(width, height, fill) {
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  fill(new Uint32Array(image.data.buffer));
  penOf(canvas).putImageData(image, 0, 0);
  return canvas;
}

// A canvas pattern for silent pixels: grey with diagonal lines, unlike any colour of the ramps.
export function hatch(context, theme, ratio) {
  const size = Math.max(4, Math.round(5 * ratio));
  const tile = new OffscreenCanvas(size, size);
  const pen = tile.getContext("2d");
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
  return context.createPattern(tile, "repeat");
}
