// Choices and questions that the server has not answered yet.

/**
 * A choice that a component shows before the server has confirmed it: an older message may still name the former one.
 * `until` (on the page's clock) ends that, should the answer never come.
 * @template Value
 * @typedef {{ value: Value, until: number }} Choice
 */

/**
 * `patienceMs`: longer than an answer takes on a busy server, but a choice that was lost is taken back before long.
 * @template Value
 * @param {Value} value
 * @returns {Choice<Value>}
 */
export const chosenNow = (value, patienceMs = 2000) => ({ value, until: performance.now() + patienceMs });
/** @type {(choice: Choice<any> | null, isAnswered: boolean) => boolean} */
export const isPending = (choice, isAnswered) => choice !== null && !isAnswered && performance.now() < choice.until;

/**
 * Send one question at a time: while its answer is awaited, only the newest question is kept, to be sent after it.
 * Without an answer for `patienceMs` the kept one, or one that could not be sent, is sent without waiting longer.
 * @template {object} Question
 * @param {(question: Question) => boolean} say sends a question and returns whether it could
 * @param {number} patienceMs
 */
export function oneAtATime(say, patienceMs) {
  /** @type {Question | null} */
  let newest = null;
  let timer = 0;
  /** @type {(question: Question) => void} */
  const send = (question) => {
    clearTimeout(timer);
    asking.asked = question;
    asking.waiting = true;
    newest = say(question) ? null : question;
    timer = setTimeout(asking.answered, patienceMs);
  };
  const asking = {
    /** @type {Question | null} the last one that was sent */
    asked: null,
    waiting: false, // for its answer
    /** @type {(question: Question) => void} */
    ask(question) {
      if (asking.waiting) newest = question;
      else send(question);
    },
    answered() {
      clearTimeout(timer);
      asking.waiting = false;
      if (newest !== null) send(newest);
    },
    end: () => clearTimeout(timer),
  };
  return asking;
}
