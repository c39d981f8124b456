// Painting the track: what has been trained, the ticks of the snapshots, the accuracy above them, the thumb.
import { clearedPen, fitCanvas } from "../../live/canvas.js";
import { role } from "../../live/palette.js";
import { epochWords, fittingTicks } from "./time_scale.js";

/** @import { View } from "./time_slider.js" */

export const PAD = 10; // CSS pixels at both ends, so that the thumb stays inside
const CURVE = { top: 3, bottom: 25 };
const LINE = 32;
const TRACK_HEIGHT = 56;

/** @type {(view: View) => number} */
export const innerWidthOf = (view) => view.track.clientWidth - 2 * PAD;

/** @type {(view: View) => void} */
export function drawTrack(view) {
  const { canvas, header, theme } = view;
  const ratio = window.devicePixelRatio || 1;
  fitCanvas(canvas, view.track.clientWidth, TRACK_HEIGHT, ratio);
  const pen = clearedPen(canvas, ratio);
  const width = innerWidthOf(view);
  /** @type {(place: number) => number} */
  const x = (place) => PAD + place * width;
  pen.lineCap = "round";
  line(
    pen,
    [
      [x(0), LINE],
      [x(1), LINE],
    ],
    theme.dark ? "#ffffff24" : "#0000001f",
    4,
  );
  line(
    pen,
    [
      [x(0), LINE],
      [x(header.places.at(-1) ?? 0), LINE],
    ],
    role("train", theme.dark),
    4,
  );
  accuracyCurve(pen, view, x);
  pen.fillStyle = theme.background;
  pen.strokeStyle = role("train", theme.dark);
  pen.lineWidth = 1.5;
  for (const place of header.places) {
    pen.beginPath();
    pen.arc(x(place), LINE, 3, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }
  pen.font = `11px ${theme.font}`;
  pen.fillStyle = role("muted", theme.dark);
  pen.textAlign = "center";
  for (const [place, epoch] of fittingTicks(header.ticks, width)) pen.fillText(String(epoch), x(place), 53);
  placeThumb(view);
}

/** @type {(pen: Pen, view: View, x: (place: number) => number) => void} */
function accuracyCurve(pen, { header, theme }, x) {
  const points = header.accuracy.flatMap((value, i) => {
    /** @type {[number, number][]} */
    const point = value === null ? [] : [[x(header.places[i]), CURVE.bottom - value * (CURVE.bottom - CURVE.top)]];
    return point;
  });
  if (points.length < 2) return;
  pen.fillStyle = `${role("test", theme.dark)}22`;
  pen.beginPath();
  pen.moveTo(points[0][0], CURVE.bottom);
  for (const point of points) pen.lineTo(...point);
  pen.lineTo(points[points.length - 1][0], CURVE.bottom);
  pen.fill();
  line(pen, points, role("test", theme.dark), 1.75);
}

/** @type {(pen: Pen, points: [number, number][], colour: string, thickness: number) => void} */
function line(pen, points, colour, thickness) {
  pen.strokeStyle = colour;
  pen.lineWidth = thickness;
  pen.beginPath();
  for (const point of points) pen.lineTo(...point);
  pen.stroke();
}

/** @type {(view: View) => void} */
export function placeThumb(view) {
  const { header, index, thumb, track, shown, following } = view;
  thumb.style.transform = `translateX(${PAD + header.places[index] * innerWidthOf(view)}px)`;
  view.root.classList.toggle("following", following);
  view.newestKey.setAttribute("aria-pressed", String(following));
  const words = epochWords(header.epochs[index]);
  shown.textContent = following && header.running ? `${epochWords(header.liveEpoch)}, live` : words;
  const attributes = { valuemin: 0, valuemax: header.steps.length - 1, valuenow: index, valuetext: words };
  for (const [name, value] of Object.entries(attributes)) track.setAttribute(`aria-${name}`, String(value));
}
