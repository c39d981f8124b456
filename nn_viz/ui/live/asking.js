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
 * Send questions, at most `most` without an answer; while so many are on their way, only the newest of the others is kept,
 * to be sent after the next answer. With two on their way the server always knows of something newer than what it draws.
 * Without an answer for `patienceMs` the kept one, or one that could not be sent, is sent without waiting longer; where
 * there is neither, the last one is sent once more: it may have been lost with its connection.
 * @template {object} Question
 * @param {(question: Question) => boolean} trySend sends a question and returns whether it could
 * @param {number} patienceMs
 * @param {number} most
 */
export function askNewest(trySend, patienceMs, most = 1) {
  /** @type {Question[]} */
  let unanswered = []; // in the order in which they were sent
  /** @type {Question | null} */
  let newest = null;
  /** @type {Question | null} */
  let repeated = null;
  let timer = 0;
  /** @type {(question: Question) => void} */
  const send = (question) => {
    clearTimeout(timer);
    unanswered.push(question);
    newest = trySend(question) ? null : question;
    timer = setTimeout(goOnWithoutAnswer, patienceMs);
  };
  /** @type {(answered: number) => void} */
  const goOn = (answered) => {
    unanswered = unanswered.slice(answered);
    if (!unanswered.length) clearTimeout(timer);
    if (newest !== null) send(newest);
  };
  const goOnWithoutAnswer = () => {
    const last = unanswered[unanswered.length - 1];
    if (newest === null && last !== repeated) newest = repeated = last;
    goOn(unanswered.length);
  };
  return {
    isWaiting: () => unanswered.length > 0,
    /** @type {(question: Question) => void} */
    ask(question) {
      if (unanswered.length < most) send(question);
      else newest = question;
    },
    /**
     * Find the question that an answer is for; it and those before it are answered then.
     * @param {(question: Question) => boolean} isFor
     */
    answer(isFor) {
      const i = unanswered.findLastIndex(isFor);
      if (i < 0) return null;
      const question = unanswered[i];
      goOn(i + 1);
      return question;
    },
    end: () => clearTimeout(timer),
  };
}
