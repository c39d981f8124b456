import assert from "node:assert/strict";
import test from "node:test";
import { askNewest, chosenNow, isPending } from "../../../nn_viz/ui/live/asking.js";

function asker(t, said = () => true, most = 1) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const say = (question) => {
    sent.push(question);
    return said(question);
  };
  const asking = askNewest(say, 1000, most);
  return { sent, asking };
}

const isFor = (answered) => (question) => question === answered;

test("while an answer is on its way only the newest question waits", (t) => {
  const { sent, asking } = asker(t);
  for (const question of [1, 2, 3]) asking.ask(question);
  assert.deepEqual(sent, [1]);
  assert.equal(asking.answer(isFor(1)), 1);
  assert.deepEqual([sent, asking.isWaiting()], [[1, 3], true]);
  assert.equal(asking.answer(isFor(1)), null); // a message that answers nothing new
  assert.equal(asking.answer(isFor(3)), 3);
  assert.deepEqual([sent, asking.isWaiting()], [[1, 3], false]);
});

test("two may be on their way, and the answer to the second is one to the first", (t) => {
  const { sent, asking } = asker(t, undefined, 2);
  for (const question of [1, 2, 3, 4]) asking.ask(question);
  assert.deepEqual(sent, [1, 2]);
  assert.equal(asking.answer(isFor(1)), 1);
  assert.deepEqual(sent, [1, 2, 4]);
  asking.ask(5);
  assert.equal(asking.answer(isFor(4)), 4);
  assert.deepEqual([sent, asking.isWaiting()], [[1, 2, 4, 5], true]);
  assert.equal(asking.answer(isFor(5)), 5);
  assert.equal(asking.isWaiting(), false);
});

test("an answer that never comes does not hold up those to later questions", (t) => {
  const { sent, asking } = asker(t, undefined, 2);
  for (const question of [1, 2, 3]) asking.ask(question);
  asking.answer(isFor(1)); // now 2 and 3 are on their way
  t.mock.timers.tick(1000);
  assert.deepEqual([sent, asking.isWaiting()], [[1, 2, 3, 3], true]);
  asking.ask(4);
  assert.deepEqual([sent, asking.isWaiting()], [[1, 2, 3, 3, 4], true]);
});

test("without an answer the next one is sent all the same, and the last one once more", (t) => {
  const { sent, asking } = asker(t);
  asking.ask(1);
  asking.ask(2);
  t.mock.timers.tick(1000);
  assert.deepEqual(sent, [1, 2]);
  for (let second = 0; second < 5; second++) t.mock.timers.tick(1000);
  assert.deepEqual([sent, asking.isWaiting()], [[1, 2, 2], false]);
});

test("what is answered is not sent again", (t) => {
  const { sent, asking } = asker(t);
  asking.ask(1);
  asking.answer(isFor(1));
  for (let second = 0; second < 5; second++) t.mock.timers.tick(1000);
  assert.deepEqual(sent, [1]);
});

test("what could not be sent is tried again until it can", (t) => {
  let up = false;
  const { sent, asking } = asker(t, () => up);
  asking.ask(1);
  t.mock.timers.tick(1000);
  t.mock.timers.tick(1000);
  up = true;
  for (let second = 0; second < 5; second++) t.mock.timers.tick(1000);
  assert.deepEqual(sent, [1, 1, 1, 1, 1]); // the last time because no answer came
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
