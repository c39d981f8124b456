// Numbers: kept within limits, and written for people. Pure functions.

/** @type {(value: number, least: number, most: number) => number} */
export const within = (value, least, most) => Math.max(least, Math.min(most, value));

/**
 * Numbers for people: three decimals, a real minus sign.
 * @type {(value: number, signed?: boolean) => string}
 */
export function written(value, signed = true) {
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 10 ? 2 : 3;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return (0).toFixed(digits);
  return (value < 0 ? "\u2212" : signed ? "+" : "") + text;
}
