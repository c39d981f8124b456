import assert from "node:assert/strict";
import test from "node:test";
import { chosenNow, isPending, oneAtATime } from "../../../nn_viz/ui/live/asking.js";

function asker(t, said = () => true) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const asking = oneAtATime((question) => {
    sent.push(question);
    return said(question);
  }, 1000);
  return { sent, asking };
}

test("while an answer is on its way only the newest question waits", (t) => {
  const { sent, asking } = asker(t);
  for (const question of [1, 2, 3]) asking.ask(question);
  assert.deepEqual(sent, [1]);
  asking.answered();
  assert.deepEqual(sent, [1, 3]);
  assert.deepEqual([asking.asked, asking.waiting], [3, true]);
  asking.answered();
  assert.deepEqual([sent, asking.waiting], [[1, 3], false]);
});

test("without an answer the next one is sent all the same, and an answered one not again", (t) => {
  const { sent, asking } = asker(t);
  asking.ask(1);
  asking.ask(2);
  t.mock.timers.tick(1000);
  assert.deepEqual(sent, [1, 2]);
  for (let second = 0; second < 5; second++) t.mock.timers.tick(1000);
  assert.deepEqual([sent, asking.waiting], [[1, 2], false]);
});

test("what could not be sent is tried again until it can", (t) => {
  let up = false;
  const { sent, asking } = asker(t, () => up);
  asking.ask(1);
  t.mock.timers.tick(1000);
  t.mock.timers.tick(1000);
  up = true;
  for (let second = 0; second < 5; second++) t.mock.timers.tick(1000);
  assert.deepEqual(sent, [1, 1, 1, 1]);
});

test("after the end nothing is sent", (t) => {
  const { sent, asking } = asker(t, () => false);
  asking.ask(1);
  asking.end();
  for (let second = 0; second < 5; second++) t.mock.timers.tick(1000);
  assert.deepEqual(sent, [1]);
});

test("a choice stands until it is answered or old", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const choice = chosenNow("7", 2000);
  assert.deepEqual([isPending(choice, false), isPending(choice, true), isPending(null, false)], [true, false, false]);
  now = 2000;
  assert.equal(isPending(choice, false), false);
});
