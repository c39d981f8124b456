// A row of little pictures, each a canvas of one pixel a value, enlarged by the browser, with words below.
import { penOf } from "../../live/canvas.js";
import { component, stamp } from "../../live/component.js";
import { make, withChildren, writeNotes } from "../../live/elements.js";
import { ramp, shadeOf, themeOf } from "../../live/palette.js";
import { FULL_SCALE } from "../../live/wire.js";

const RAMPS = { ink: "ink", signed: "diverging", magnitude: "sequential" };

function buildRow(root) {
  root.setAttribute("role", "group");
  const view = {
    root,
    title: make("p", { className: "heading" }, root),
    row: make("div", { className: "row" }, root),
    end() {},
  };
  return view;
}

function show(view, { header, arrays }) {
  const { root, title, row } = view;
  const { shape } = arrays.values;
  const theme = themeOf(root);
  const { pixels } = ramp(RAMPS[header.kind], theme.dark);
  root.setAttribute("aria-label", header.title || header.view);
  title.textContent = header.title;
  title.hidden = !header.title;
  row.style.setProperty("--side", `${header.size}px`);
  withChildren(row, shape[0], () => buildPicture(row));
  for (let i = 0; i < shape[0]; i++) {
    const item = row.children[i];
    const words = [header.names[i], header.captions[i]];
    paintPicture(item.querySelector("canvas"), arrays, i, pixels, header);
    item.querySelector("b").textContent = words[0];
    item.querySelector("small").textContent = words[1];
    item.querySelector(".picture").setAttribute("aria-label", words.filter(Boolean).join(", "));
    placeMark(item.querySelector("i"), header.mark, shape);
  }
  writeNotes(root, header.notes);
  stamp(root, header);
}

function buildPicture(row) {
  const item = make("figure", {}, row);
  const picture = make("div", { className: "picture", role: "img" }, item);
  make("canvas", {}, picture);
  make("i", {}, picture);
  const words = make("figcaption", {}, item);
  make("b", {}, words);
  make("small", {}, words);
}

function paintPicture(canvas, { values, limits }, index, pixels, { kind, end }) {
  const [, height, width] = values.shape;
  Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  const colours = new Uint32Array(image.data.buffer);
  const factor = limits.data[index] / end / FULL_SCALE;
  for (let p = 0, at = index * height * width; p < height * width; p++, at++) {
    colours[p] = pixels[shadeOf(values.data[at] * factor, kind === "signed")];
  }
  penOf(canvas).putImageData(image, 0, 0);
}

function placeMark(mark, place, [, height, width]) {
  mark.hidden = place === null;
  if (place === null) return;
  const [row, column] = place;
  Object.assign(mark.style, {
    left: `${(100 * column) / width}%`,
    top: `${(100 * row) / height}%`,
    width: `${100 / width}%`,
    height: `${100 / height}%`,
  });
}

export default component(buildRow, show);
