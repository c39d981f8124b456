// The filter's weights beside the walk, as fields.
import { make } from "../../../live/elements.js";
import { within } from "../../../live/numbers.js";
import { ramp } from "../../../live/palette.js";
import { afterEdit, remember, weightText } from "./walk_edit.js";
import { shadeFor } from "./walk_paint.js";
import { brief } from "./walk_words.js";

/** @import { View } from "./walk.js" */
/** @typedef {ReturnType<typeof buildWeights>} WeightFields */

// The filter's weights are fields to type into, or only to read.
/** @param {Element} parent */
export function buildWeights(parent) {
  const figure = make("figure", { className: "weights" }, parent);
  make("figcaption", { textContent: "weights" }, figure);
  return { figure, box: make("div", { className: "fields" }, figure), fields: /** @type {HTMLInputElement[]} */ ([]) };
}

/** @type {(view: View) => void} */
export function layoutWeights(view) {
  const {
    squares: { weights: part },
    weights,
    squareSide: side,
    setting: { kernel },
    theme,
    edit: { editable, history },
  } = view;
  view.editBar.bar.hidden = !editable;
  view.editBar.undo.disabled = !history.length;
  while (part.fields.length > kernel * kernel) part.fields.pop()?.remove();
  while (part.fields.length < kernel * kernel) part.fields.push(buildField(view, part));
  part.box.style.gridTemplateColumns = `repeat(${kernel}, ${side}px)`;
  const start = view.sheet * kernel * kernel;
  part.fields.forEach((field, i) => {
    const value = weights.data[start + i] ?? 0;
    const shade = shadeFor(value, view.weightColours);
    const { css, ink } = ramp("diverging", theme.dark);
    Object.assign(field.style, {
      height: `${side}px`,
      background: css(shade),
      color: ink(shade),
      fontSize: `${within(side / 2.6, 9, 15)}px`,
    });
    field.readOnly = !editable;
    field.tabIndex = editable ? 0 : -1;
    field.setAttribute("aria-label", `weight in row ${Math.floor(i / kernel) + 1}, column ${(i % kernel) + 1}`);
    const { activeElement } = /** @type {Document | ShadowRoot} */ (view.root.getRootNode());
    if (activeElement !== field || !editable) field.value = brief(value);
  });
}

/** @type {(view: View, part: WeightFields) => HTMLInputElement} */
function buildField(view, part) {
  const field = make("input", { type: "text", inputMode: "decimal", spellcheck: false, autocomplete: "off" }, part.box);
  /** @type {(weight: number) => void} */
  const change = (weight) => {
    const at = view.sheet * part.fields.length + part.fields.indexOf(field);
    if (view.weights.data[at] === weight) return;
    remember(view);
    view.weights.data[at] = weight;
    afterEdit(view, "kernel");
  };
  /** @type {(number: number) => number} */
  const limited = (number) => within(Number(weightText(number)), -99, 99);
  field.addEventListener("focus", () => view.edit.editable && field.select());
  field.addEventListener("input", () => {
    const text = field.value.replace(",", ".").replace("\u2212", "-").trim();
    const number = Number(text);
    field.setAttribute("aria-invalid", String(text === "" || !Number.isFinite(number)));
    if (text !== "" && Number.isFinite(number)) change(limited(number));
  });
  field.addEventListener("keydown", (event) => {
    const by = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (!by || !view.edit.editable) return;
    event.preventDefault();
    change(
      limited(
        view.weights.data[view.sheet * part.fields.length + part.fields.indexOf(field)] +
          by * (event.shiftKey ? 0.1 : 1),
      ),
    );
    field.value = brief(view.weights.data[view.sheet * part.fields.length + part.fields.indexOf(field)]);
  });
  field.addEventListener("blur", () => {
    field.removeAttribute("aria-invalid");
    layoutWeights(view);
  });
  return field;
}

// While the products come one by one, the weight whose turn it is.
/** @type {(view: View, at: number | null) => void} */
export function markWeight({ squares: { weights } }, at) {
  weights.fields.forEach((field, i) => field.classList.toggle("current", i === at));
}
