// What a list of rows looks like: the header of a message -> its elements.
import { penOf } from "../../live/canvas.js";
import { h } from "../../live/markup.js";
import { within } from "../../live/numbers.js";
import { ramp, shadeOf } from "../../live/palette.js";
import { FULL_SCALE } from "../../live/wire.js";

/** @import { BarRow, BarRowsHeader, PictureRowArrays, PictureRowHeader, SentencesHeader, ShadedTableHeader } from "../../live/messages.js" */
/** @import { Markup } from "../../live/markup.js" */
/** @typedef {SentencesHeader | BarRowsHeader | PictureRowHeader | ShadedTableHeader} RowsHeader */

/** @type {(header: RowsHeader, arrays: PictureRowArrays, dark: boolean, pick: (row: number) => void) => Markup[]} */
export function markupOf(header, arrays, dark, pick) {
  const { layout, title, lines, notes } = header;
  const words = lines.map(({ text, tone }) => h("p", { class: `line ${tone}` }, text));
  return [
    h("p", { class: "heading", hidden: !title }, title),
    h("div", { class: "lines", "aria-hidden": layout === "sentences" && "true" }, words),
    ...bodyOf(header, arrays, dark, pick),
    ...notes.map((text) => h("p", { class: "note" }, text)),
  ];
}

/** @type {(header: RowsHeader, arrays: PictureRowArrays, dark: boolean, pick: (row: number) => void) => Markup[]} */
function bodyOf(header, arrays, dark, pick) {
  switch (header.layout) {
    case "sentences":
      return [];
    case "pictures":
      return [picturesOf(header, arrays, dark)];
    case "table":
      return [tableOf(header, dark, pick)];
    case "tracks":
      return [barsOf(header), legendOf(header)];
    default:
      return [legendOf(header), barsOf(header)];
  }
}

/** @type {(header: BarRowsHeader) => Markup} */
function legendOf({ legend }) {
  const marks = legend.map(([mark, meaning]) => h("span", { class: mark }, meaning));
  return h("p", { class: "legend", "aria-hidden": "true", hidden: !legend.length }, marks);
}

/** @type {(header: BarRowsHeader) => Markup} */
const barsOf = (header) =>
  h(
    "div",
    { class: "rows", role: "list" },
    header.rows.map((row) =>
      h("div", { class: `row ${row.tone}`, role: "listitem", title: row.help || null }, [
        h("span", { class: "name" }, row.name),
        trackOf(row, header),
        h("span", { class: "number" }, row.text),
      ]),
    ),
  );

/** @type {(row: BarRow, header: BarRowsHeader) => Markup} */
function trackOf({ values, dots, chance }, { layout, low, high }) {
  /** @type {(value: number) => number} */
  const place = (value) => (100 * (within(value, low, high) - low)) / (high - low || 1); // in percent
  const [from, size] = layout === "columns" ? ["bottom", "height"] : ["left", "width"];
  const bars = values.map((value) => {
    const [start, end] = [place(Math.min(0, value)), place(Math.max(0, value))];
    const sides = `${from}: ${start}%; ${size}: ${end - start}%`;
    return h("i", { class: value < 0 ? "bar down" : "bar", style: sides });
  });
  return h("span", { class: "track", "aria-hidden": "true", style: `--zero: ${place(0)}%` }, [
    ...bars,
    chance !== null && h("i", { class: "chance", style: `left: ${place(chance)}%` }),
    ...dots.map(([value, words]) => h("i", { class: "dot", style: `left: ${place(value)}%`, title: words })),
  ]);
}

/** @type {(header: PictureRowHeader, arrays: PictureRowArrays, dark: boolean) => Markup} */
function picturesOf({ names, captions, mark, size }, arrays, dark) {
  const [, height, width] = arrays.values.shape;
  const { pixels } = ramp("ink", dark);
  const place = mark && {
    left: mark[1] / width,
    top: mark[0] / height,
    width: 1 / width,
    height: 1 / height,
  };
  const sides = place && Object.entries(place).map(([side, share]) => `${side}: ${100 * share}%`);
  const figures = names.map((name, i) => {
    const caption = captions[i] ?? "";
    const label = [name, caption].filter(Boolean).join(", ");
    const ref = (/** @type {HTMLCanvasElement} */ canvas) => paintPicture(canvas, arrays, i, pixels);
    return h("figure", {}, [
      h("div", { class: "picture", role: "img", "aria-label": label }, [
        h("canvas", { width, height, ref }),
        sides && h("i", { style: sides.join("; ") }),
      ]),
      h("figcaption", {}, [h("b", {}, name), h("small", {}, caption)]),
    ]);
  });
  return h("div", { class: "rows", style: `--side: ${size}px` }, figures);
}

/** @type {(canvas: HTMLCanvasElement, arrays: PictureRowArrays, index: number, pixels: Uint32Array) => void} */
function paintPicture(canvas, { values, limits }, index, pixels) {
  const image = new ImageData(canvas.width, canvas.height);
  const colours = new Uint32Array(image.data.buffer);
  const factor = limits.data[index] / FULL_SCALE;
  const start = index * colours.length;
  for (let p = 0; p < colours.length; p++) colours[p] = pixels[shadeOf(values.data[start + p] * factor, false)];
  penOf(canvas).putImageData(image, 0, 0);
}

/** @type {(header: ShadedTableHeader, dark: boolean, pick: (row: number) => void) => Markup} */
function tableOf({ columns, rows, selected, end }, dark, pick) {
  const colours = ramp("diverging", dark);
  const head = columns.map((words) => h("th", { scope: "col" }, words));
  const body = rows.map(({ name, cells, aside }, i) => {
    const pressed = String(i === selected);
    const row = { class: i === selected && "selected", onclick: () => pick(i) };
    return h("tr", row, [
      h("th", { scope: "row" }, [h("button", { type: "button", "aria-pressed": pressed }, name)]),
      ...cells.map(({ value, text }) => {
        const shade = shadeOf(within(value / end, -1, 1), true);
        return h("td", { style: `background: ${colours.css(shade)}; color: ${colours.ink(shade)}` }, text);
      }),
      h("td", { class: "aside" }, aside),
    ]);
  });
  return h("div", { class: "scroller", tabindex: -1 }, [
    h("table", {}, [h("thead", {}, [h("tr", {}, head)]), h("tbody", {}, body)]),
  ]);
}
