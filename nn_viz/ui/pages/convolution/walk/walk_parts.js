// The walk's elements: the picture, the step's numbers, the map, and what is said of them.
import { NOT_YET } from "../../../live/component.js";
import { make, makeTip } from "../../../live/elements.js";
import { buildEditBar } from "./walk_edit.js";
import { buildWeights } from "./walk_weights.js";

/** @import { GridLayout } from "./walk_layout.js" */
/** @typedef {ReturnType<typeof buildGrid>} Grid */
/** @typedef {ReturnType<typeof buildSquare>} Square */

/** @param {HTMLElement} root */
export function buildParts(root) {
  const bar = make("div", { className: "player" }, root);
  const stage = make("div", { className: "stage" }, root);
  const tip = makeTip(root);
  const input = buildGrid(stage, "input");
  const over = make("canvas", { className: "over" }, input.box);
  const middle = make("div", { className: "middle" }, stage);
  return {
    root,
    bar,
    tip,
    input,
    window: { canvas: over, grid: /** @type {GridLayout} */ (NOT_YET) },
    squares: {
      patch: buildSquare(middle, "under the filter"),
      weights: buildWeights(middle),
      products: buildSquare(middle, "products"),
    },
    sum: make("output", { className: "sum" }, middle),
    result: buildGrid(stage, "result"),
    drop: make("span", { className: "drop", ariaHidden: "true" }, root),
    where: make("p", { className: "where" }, root),
    equation: make("p", { className: "equation" }, root),
    spoken: make("div", { className: "spoken", role: "status" }, root),
    table: make("table", { className: "spoken" }, root),
    editBar: buildEditBar(input.figure),
  };
}

/**
 * @param {Element} stage
 * @param {string} name
 */
function buildGrid(stage, name) {
  const figure = make("figure", { className: name }, stage);
  const caption = make("figcaption", {}, figure);
  const box = make("div", { className: "box" }, figure);
  const canvas = make("canvas", { tabIndex: 0, role: "application" }, box);
  return { figure, caption, box, canvas, grid: /** @type {GridLayout} */ (NOT_YET) };
}

/**
 * @param {Element} parent
 * @param {string} words
 */
function buildSquare(parent, words) {
  const figure = make("figure", {}, parent);
  const caption = make("figcaption", { textContent: words }, figure);
  return { figure, caption, canvas: make("canvas", { ariaHidden: "true" }, figure) };
}
