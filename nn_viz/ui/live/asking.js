// What is asked of the server and not answered yet.

/**
 * Between a choice and the server's answer an older message may still name what was chosen before: for so long the choice
 * stands (`until`, on the page's clock).
 * @template Value
 * @typedef {{ value: Value, until: number }} Choice
 */

/**
 * @template Value
 * @param {Value} value
 * @returns {Choice<Value>}
 */
export const chosenNow = (value, patienceMs = 2000) => ({ value, until: performance.now() + patienceMs });
/** @type {(choice: Choice<any> | null, isAnswered: boolean) => boolean} */
export const isPending = (choice, isAnswered) => choice !== null && !isAnswered && performance.now() < choice.until;

/**
 * One question at a time: while its answer is on its way only the newest one waits. Without an answer for `patienceMs` the
 * next one, or one that could not be sent, is sent all the same.
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
