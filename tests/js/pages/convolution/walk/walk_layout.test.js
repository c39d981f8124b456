import assert from "node:assert/strict";
import test from "node:test";
import { gridHit, gridLayout } from "../../../../../nn_viz/ui/pages/convolution/walk/walk_layout.js";

for (const count of [1, 2, 5, 16, 130]) {
  for (const side of [1, 4, 13, 30]) {
    for (const border of [0, 1, 3]) {
      test(`${count} grids of ${side} cells and ${border} of border stay inside their bounds and are hit where drawn`, () => {
        const cells = side + 2 * border;
        for (const [maxWidth, high] of [
          [80, 60],
          [358, 500],
          [1200, 170],
        ]) {
          const grid = gridLayout({ count, rows: cells, columns: cells, border, maxWidth, high, largest: 44 });
          if (grid.side > 1) assert.ok(grid.width <= maxWidth + 1 && grid.height <= high + 1);
          grid.tiles.forEach(({ x, y }, channel) => {
            const at = (cell) => gridHit(grid, { x: x + (cell + 0.5) * grid.side, y: y + (cell + 0.5) * grid.side });
            assert.deepEqual(at(0), { channel, row: 0 - border, column: 0 - border });
            assert.deepEqual(at(cells - 1), { channel, row: side + border - 1, column: side + border - 1 });
          });
        }
      });
    }
  }
}
