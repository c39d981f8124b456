// How the box and the curves of a duel tell two networks apart: a colour and a line of their own; and shares in words.
import { role } from "../../../live/palette.js";

/** @type {(number: number, theme: Theme) => string} */
export const lineColour = (number, { dark }) => role(["test", "held"][number] ?? "muted", dark);
/** @type {(number: number) => string} */
export const dashes = (number) => (number ? ' stroke-dasharray="5 3"' : "");
/** @type {(share: number) => string} */
export const percent = (share) => `${(share * 100).toFixed(share > 0.0995 ? 0 : 1)} %`;
