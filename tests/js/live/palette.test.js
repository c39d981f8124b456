import assert from "node:assert/strict";
import test from "node:test";
import { ramp, SHADES, shadeOf } from "../../../nn_viz/ui/live/palette.js";
import { PALETTE } from "../../../nn_viz/ui/live/palette_table.js";

test("zero is the middle of a diverging ramp, both ends are its ends, and nothing lies beyond", () => {
  assert.deepEqual(
    [-2, -1, 0, 1, 2].map((share) => shadeOf(share, true)),
    [0, 0, 128, 256, 256],
  );
  assert.deepEqual(
    [-1, 0, 0.5, 1].map((share) => shadeOf(share, false)),
    [0, 0, 128, 256],
  );
});

for (const name of Object.keys(PALETTE.ramps)) {
  for (const dark of [false, true]) {
    test(`${name}, ${dark ? "dark" : "light"}: each stop is a shade, and words on it can be read`, () => {
      const { stops, css, pixels, ink } = ramp(name, dark);
      stops.forEach((stop, i) => {
        const shade = Math.round((i / (stops.length - 1)) * (SHADES - 1));
        const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(stop.slice(at, at + 2), 16));
        assert.equal(css(shade), `rgb(${r},${g},${b})`);
        assert.equal(pixels[shade], ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
        const channel = (value) => (value / 255 <= 0.04045 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
        const light = 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const contrast = ink(shade) === "#ffffff" ? 1.05 / (light + 0.05) : (light + 0.05) / 0.056;
        assert.ok(contrast >= 4, `${contrast} on ${stop}`);
      });
    });
  }
}
