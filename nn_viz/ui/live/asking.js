// What is asked of the server and not answered yet.

// Between a choice and the server's answer an older message may still name what was chosen before: for so long the choice
// stands. `null`: nothing is asked.
export const chosenNow = (value, patienceMs = 2000) => ({ value, until: performance.now() + patienceMs });
export const isPending = (choice, isAnswered) => choice !== null && !isAnswered && performance.now() < choice.until;

// One question at a time: while its answer is on its way only the newest one waits. `say` sends a question and returns
// whether it could; without an answer for `patienceMs` the next one, or one that could not be sent, is sent all the same.
export function oneAtATime(say, patienceMs) {
  let newest = null;
  let timer;
  const next = () => {
    clearTimeout(timer);
    asking.asked = newest;
    asking.waiting = true;
    if (say(newest)) newest = null;
    timer = setTimeout(asking.answered, patienceMs);
  };
  const asking = {
    asked: null, // the last question that was sent
    waiting: false, // for its answer
    ask(question) {
      newest = question;
      if (!asking.waiting) next();
    },
    answered() {
      clearTimeout(timer);
      asking.waiting = false;
      if (newest !== null) next();
    },
    end: () => clearTimeout(timer),
  };
  return asking;
}
