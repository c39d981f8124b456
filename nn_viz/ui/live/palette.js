// Colours: the table comes from figures/palette.py, so a wall and a Plotly figure agree.
import { PALETTE } from "./palette_table.js";

export const SHADES = 257; // odd: shade 128 of a diverging ramp is exactly zero

/** @type {(hex: string) => number[]} */
const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** @type {(stops: string[]) => number[][]} */
function shadesOf(stops) {
  const rgb = stops.map(channels);
  return Array.from({ length: SHADES }, (_, i) => {
    const place = (i / (SHADES - 1)) * (rgb.length - 1);
    const low = Math.min(Math.floor(place), rgb.length - 2);
    return [0, 1, 2].map((c) => Math.round(rgb[low][c] + (rgb[low + 1][c] - rgb[low][c]) * (place - low)));
  });
}

/** @type {Map<string, Ramp>} */
const rampCache = new Map();

/** @type {(name: RampName, dark: boolean) => Ramp} */
export function ramp(name, dark) {
  const id = `${name}-${dark}`;
  const known = rampCache.get(id);
  if (known) return known;
  const stops = PALETTE.ramps[name][dark ? 1 : 0];
  const shades = shadesOf(stops);
  /** @type {Ramp} */
  const made = {
    stops,
    pixels: Uint32Array.from(shades, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0),
    css: (shade) => `rgb(${shades[shade].join(",")})`,
    ink: (shade) => (luminance(shades[shade]) > 0.18 ? "#101216" : "#ffffff"),
  };
  rampCache.set(id, made);
  return made;
}

/**
 * Relative luminance (WCAG 2, with its curve taken as a power of 2.2): at 0.18 black and white read equally well.
 * @type {(rgb: number[]) => number}
 */
const luminance = ([r, g, b]) => 0.2126 * (r / 255) ** 2.2 + 0.7152 * (g / 255) ** 2.2 + 0.0722 * (b / 255) ** 2.2;
/** @type {(rgb: number[]) => number} */
const brightness = ([r, g, b]) => (0.299 * r + 0.587 * g + 0.114 * b) / 255;
/** @type {(name: string, dark: boolean) => string} */
export const role = (name, dark) => PALETTE.roles[name][dark ? 1 : 0];

/**
 * value / end in -1..1 (signed) or 0..1 -> a shade
 * @type {(share: number, signed: boolean) => number}
 */
export function shadeOf(share, signed) {
  const shade = signed ? Math.round((share + 1) * 128) : Math.round(share * (SHADES - 1));
  return shade < 0 ? 0 : shade >= SHADES ? SHADES - 1 : shade;
}

/**
 * The page's theme, read from the variables that Streamlit sets around every component.
 * @type {(element: Element) => Theme}
 */
export function themeOf(element) {
  const style = getComputedStyle(element);
  /** @type {(name: string, fallback: string) => string} */
  const read = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim() || fallback;
  const background = read("background-color", "#ffffff");
  const [r, g, b] = cssChannels(background);
  return {
    dark: brightness([r, g, b]) < 0.5,
    background,
    panel: read("secondary-background-color", "#f0f2f6"),
    text: read("text-color", "#31333f"),
    accent: read("primary-color", "#ff4b4b"),
    font: read("font", "sans-serif"),
  };
}

/** @type {OffscreenCanvasRenderingContext2D | undefined} */
let probe;

/** @type {(colour: string) => number[]} */
function cssChannels(colour) {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return channels(colour);
  probe ??= /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })
  );
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
