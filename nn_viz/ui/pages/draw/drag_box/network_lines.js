// How the box and the curves of a duel tell two networks apart: a colour and a line of their own; and shares in words.
const lineColour = (number, { dark }) => role(["test", "held"][number] ?? "muted", dark);
const dashes = (number) => (number ? ' stroke-dasharray="5 3"' : "");
const percent = (share) => `${(share * 100).toFixed(share > 0.0995 ? 0 : 1)} %`;
