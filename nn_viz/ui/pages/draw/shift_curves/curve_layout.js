// Where the curves' points lie, without a screen. Pure functions.
import { within } from "../../../live/numbers.js";

export const CURVE = { left: 34, right: 10, top: 8, bottom: 20, height: 118, bar: 5 }; // CSS pixels

/**
 * A plot's coordinates, in CSS pixels: x for a transformation's value, y for a share, and the step that is nearest to an x.
 * @typedef {(value: number) => number} Place
 * @type {(values: number[], width: number, lines: number) => { x: Place, y: Place, step: Place, foot: number }}
 */
export function plotOf(values, width, lines) {
  const [first, last] = [values[0], values[values.length - 1]];
  const wide = Math.max(1, width - CURVE.left - CURVE.right);
  const foot = CURVE.height - CURVE.bottom - CURVE.bar * lines - 3;
  /** @type {Place} */
  const x = (value) => CURVE.left + ((within(value, first, last) - first) / (last - first)) * wide;
  /** @type {Place} */
  const y = (share) => foot - share * (foot - CURVE.top);
  /** @type {Place} */
  const step = (at) =>
    values.reduce((best, value, i) => (Math.abs(x(value) - at) < Math.abs(x(values[best]) - at) ? i : best), 0);
  return { x, y, step, foot };
}

/**
 * A transformation's part of an array that holds those of all transformations one after the other.
 * @template {NumberArray["data"]} Data
 * @param {{ values: number[] }[]} transformations
 * @param {number} number
 * @param {Data} all
 */
export function partOf(transformations, number, all) {
  const start = transformations.slice(0, number).reduce((sum, { values }) => sum + values.length, 0);
  return all.subarray(start, start + transformations[number].values.length);
}
