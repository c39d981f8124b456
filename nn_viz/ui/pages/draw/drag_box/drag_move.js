// Where a picture is dragged, without a screen: [right, down, turned, scale] in pixels of 28, degrees clockwise, a
// factor, and the handles that do it. Points are pixels from the picture's middle, y down. Pure functions.
import { within } from "../../../live/numbers.js";

/**
 * @typedef {[right: number, down: number, turned: number, scale: number]} Move
 * @typedef {[x: number, y: number]} Point
 * @typedef {[least: number, most: number][]} Limits of each part of a move
 * @typedef {"slide" | "turn" | "size"} Handle
 */

/** @type {Move} */
export const AT_REST = [0, 0, 0, 1];
export const SHOWN = 28; // pixels along each side of the picture
export const STAGE = 36; // and of the square around it in which the pointer works
export const FRAME = 11; // pixels from the middle to the frame around the drawing at scale 1
export const STALK = 3; // pixels from the frame to the round handle
const KEY_TURN = 5; // degrees a press of a key turns
const KEY_SCALE = 0.1;

/** @type {(value: number, parts: number) => number} */
const inSteps = (value, parts) => Math.round(value * parts) / parts + 0; // + 0: no minus zero
/** @type {(degrees: number) => number} */
const halfTurn = (degrees) => degrees - 360 * Math.ceil((degrees - 180) / 360); // above -180, up to 180

/**
 * A move as it is sent: a tenth of a pixel, a whole degree, a hundredth of the size, no further than the limits.
 * @type {(move: Move, limits: Limits) => Move}
 */
export function tidy([right, down, turned, scale], limits) {
  return [
    inSteps(within(right, ...limits[0]), 10),
    inSteps(within(down, ...limits[1]), 10),
    inSteps(halfTurn(turned), 1),
    inSteps(within(scale, ...limits[3]), 100),
  ];
}

/**
 * Where a handle takes the picture when the pointer goes from one point to another.
 * @type {(handle: Handle, move: Move, from: Point, to: Point, limits: Limits) => Move}
 */
export function dragged(handle, [right, down, turned, scale], from, to, limits) {
  const [before, after] = [from, to].map(([x, y]) => /** @type {Point} */ ([x - right, y - down]));
  /** @type {(point: Point) => number} */
  const angle = ([x, y]) => (Math.atan2(y, x) * 180) / Math.PI;
  /** @type {Record<Handle, () => Move>} */
  const changed = {
    slide: () => [right + to[0] - from[0], down + to[1] - from[1], turned, scale],
    turn: () => [right, down, turned + angle(after) - angle(before), scale],
    size: () => [right, down, turned, (scale * Math.hypot(...after)) / Math.max(1, Math.hypot(...before))],
  };
  return tidy(changed[handle](), limits);
}

/**
 * What a key makes of a move; null for other keys.
 * @type {(move: Move, key: string, limits: Limits) => Move | null}
 */
export function nudged([right, down, turned, scale], key, limits) {
  /** @type {Record<string, Move>} */
  const moves = {
    ArrowLeft: [right - 1, down, turned, scale],
    ArrowRight: [right + 1, down, turned, scale],
    ArrowUp: [right, down - 1, turned, scale],
    ArrowDown: [right, down + 1, turned, scale],
    "[": [right, down, turned - KEY_TURN, scale],
    "]": [right, down, turned + KEY_TURN, scale],
    "+": [right, down, turned, scale + KEY_SCALE],
    "=": [right, down, turned, scale + KEY_SCALE], // the key with + on it, without Shift
    "-": [right, down, turned, scale - KEY_SCALE],
    Home: AT_REST,
  };
  return Object.hasOwn(moves, key) ? tidy(moves[key], limits) : null;
}

/**
 * The frame's corners (clockwise from the top left one), and where the round and the square handle stand. Both stay
 * within reach, also where the frame does not.
 * @type {(move: Move) => { corners: Point[], top: Point, turn: Point, size: Point }}
 */
export function grips([right, down, turned, scale]) {
  const [cos, sin] = [Math.cos((turned * Math.PI) / 180), Math.sin((turned * Math.PI) / 180)];
  /** @type {(x: number, y: number) => Point} */
  const at = (x, y) => [right + cos * x - sin * y, down + sin * x + cos * y];
  const half = FRAME * scale;
  const corners = [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ].map(([x, y]) => at(x, y));
  const edge = STAGE / 2 - 1.5;
  /** @type {(point: Point) => Point} */
  const reachable = ([x, y]) => [within(x, -edge, edge), within(y, -edge, edge)];
  return { corners, top: at(0, -half), turn: reachable(at(0, -half - STALK)), size: reachable(corners[2]) };
}

/** @type {(move: Move) => boolean} */
export const isAtRest = (move) => move.every((value, i) => value === AT_REST[i]);

/**
 * The move in figures, for the eyes: "right 3.2 · up 1 · 20° · × 1.2".
 * @type {(move: Move) => string}
 */
export function figures([right, down, turned, scale]) {
  const parts = [];
  if (right) parts.push(`${right > 0 ? "right" : "left"} ${Math.abs(right)}`);
  if (down) parts.push(`${down > 0 ? "down" : "up"} ${Math.abs(down)}`);
  if (turned) parts.push(`turned ${turned < 0 ? "\u2212" : ""}${Math.abs(turned)}\u00b0`);
  if (scale !== 1) parts.push(`size \u00d7 ${scale}`);
  return parts.join(" \u00b7 ") || "not moved";
}
