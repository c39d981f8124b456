// How a walk announces its results: the sum on its way to the map, and all results for who cannot see them.
import { make, write } from "../../../live/elements.js";
import { beat, calm, filledSteps } from "./walk_clock.js";
import { brief } from "./walk_words.js";

/** @import { View } from "./walk.js" */
/** @import { Step } from "./walk_map.js" */

// The sum falls from where it is written into its place on the map.
/** @type {(view: View, index: number, step: Step) => void} */
export function fly(view, index, step) {
  const { drop, root, sum, result, clock } = view;
  const { drop: done, lit } = beat(clock);
  const flies = view.hovered === null && !calm() && clock.part < 1 && lit >= 1 && clock.speed < 10;
  drop.hidden = !flies;
  if (!flies) return;
  const [base, from, to] = [root, sum, result.canvas].map((element) => element.getBoundingClientRect());
  const { grid } = result;
  const place = [
    grid.tiles[0].x + ((index % view.walk.columns) + 0.5) * grid.side,
    grid.tiles[0].y + (Math.floor(index / view.walk.columns) + 0.5) * grid.side,
  ];
  const start = [from.left + from.width / 2 - base.left, from.top + from.height / 2 - base.top];
  const end = [to.left - base.left + place[0], to.top - base.top + place[1]];
  write(drop, brief(view.message.header.after ? step.result : step.sum));
  const [x, y] = [0, 1].map((axis) => start[axis] + (end[axis] - start[axis]) * done * done);
  drop.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
}

// For who cannot see the map: its results in a table, as far as they have come; the standing step is read out.
/** @type {(view: View) => void} */
export function writeTable(view) {
  const { table, walk } = view;
  table.replaceChildren();
  if (walk.count > 256) return;
  for (let row = 0; row < walk.rows; row++) {
    const line = make("tr", {}, table);
    for (let column = 0; column < walk.columns; column++) make("td", {}, line);
  }
}

/** @type {(view: View) => void} */
export function announceStep(view) {
  const filled = filledSteps(view);
  [...view.table.querySelectorAll("td")].forEach((cell, index) =>
    write(cell, index < filled ? brief(view.values[index]) : ""),
  );
  clearTimeout(view.announcing);
  // 400 ms: a screen reader is told when the walk rests.
  view.announcing = setTimeout(() => write(view.spoken, `${view.where.textContent} ${view.equation.textContent}`), 400);
}
