import assert from "node:assert/strict";
import test from "node:test";
import { wallHit, wallLayout } from "../../../../nn_viz/ui/widgets/pixel_wall/wall_layout.js";

const gapsOf = (places) => places.slice(1).map((place, i) => place - places[i]);

for (const count of [1, 8, 25, 128, 1024]) {
  for (const side of [2, 3, 20, 28]) {
    for (const [maxWidth, ratio] of [
      [358, 3],
      [700, 1],
      [1300, 1.25],
    ]) {
      test(`${count} pictures ${side} wide stay in ${maxWidth} CSS pixels and do not overlap`, () => {
        const [width, maxHeight] = [Math.round(maxWidth * ratio), 420 * ratio];
        const layout = wallLayout({ count, height: side, width: side, maxWidth: width, maxHeight, ratio });
        assert.equal(new Set(layout.tiles.map(({ x, y }) => `${x},${y}`)).size, count);
        assert.ok(layout.height <= maxHeight + 1);
        assert.ok(layout.tiles.every(({ x }) => x >= 0 && x + layout.tileWidth <= width));
        const columns = [...new Set(layout.tiles.map(({ x }) => x))].sort((a, b) => a - b);
        assert.ok(gapsOf(columns).every((gap) => gap >= layout.tileWidth));
        layout.tiles.forEach(({ x, y }, index) => {
          const hit = wallHit(layout, [side, side], x + layout.tileWidth / 2, y + layout.tileHeight / 2);
          assert.deepEqual(hit, { index, row: Math.floor(side / 2), column: Math.floor(side / 2) });
        });
      });
    }
  }
}

for (const maxWidth of [350, 700, 1400]) {
  for (const [count, group] of [
    [24, 3],
    [12, 2],
    [12, 6],
    [18, 9],
  ]) {
    test(`${count} pictures in groups of ${group} in ${maxWidth} pixels: a group stands in one row`, () => {
      const shape = { height: 20, width: 20, maxHeight: 260, ratio: 1 };
      const { tiles, tileWidth } = wallLayout({ ...shape, count, maxWidth, group });
      assert.ok(tiles.every(({ x }) => x >= 0 && x <= maxWidth - tileWidth));
      for (let start = 0; start < count; start += group) {
        const together = tiles.slice(start, start + group);
        assert.equal(new Set(together.map(({ y }) => y)).size, 1);
        const [inside, ...others] = new Set(gapsOf(together.map(({ x }) => x)));
        assert.equal(others.length, 0);
        const next = tiles[start + group];
        if (next?.y === together[0].y) assert.ok(next.x - together.at(-1).x > inside);
      }
    });
  }
}
