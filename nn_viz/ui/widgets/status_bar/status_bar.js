// The training's progress in one line. Text nodes are changed in place, so nothing jumps and selections survive.
import { component, stamp } from "../../live/component.js";
import { find, make, withChildren, write } from "../../live/elements.js";

/** @import { StatusBar } from "../../live/messages.js" */
/** @typedef {ReturnType<typeof buildBar>} View */

const CALM_MS = 3000; // between two announcements of the same status

/** @param {HTMLElement} root */
function buildBar(root) {
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Training status");
  root.innerHTML = `<div class="line"><span class="words"></span><dl></dl></div>
    <div class="progress" role="progressbar" aria-label="Training progress" aria-valuemin="0" aria-valuemax="100"><i></i></div>
    <div class="spoken" role="status" aria-live="polite"></div>`;
  return {
    root,
    words: find(root, ".words"),
    facts: find(root, "dl"),
    progress: find(root, ".progress"),
    fill: find(root, "i"),
    spoken: find(root, ".spoken"),
    status: "",
    lastSpoken: -Infinity,
    end() {},
  };
}

/** @type {(view: View, message: StatusBar) => void} */
function showStatus(view, { header }) {
  const { root, words, facts, progress, fill } = view;
  root.dataset.status = header.status;
  write(words, header.words);
  words.title = header.words;
  withChildren(facts, header.facts.length, () => make("div", { innerHTML: "<dt></dt><dd></dd>" }, facts));
  header.facts.forEach(([name, value, help], i) => {
    const fact = /** @type {HTMLElement} */ (facts.children[i]);
    fact.title = help;
    write(find(fact, "dt"), name);
    write(find(fact, "dd"), value);
  });
  fill.style.transform = `scaleX(${header.fraction})`;
  progress.setAttribute("aria-valuenow", String(Math.round(header.fraction * 100)));
  announce(view, header);
  stamp(root, header);
}

// A change of status is announced at once; new accuracies follow calmly, one a snapshot at most.
/** @type {(view: View, header: StatusBar["header"]) => void} */
function announce(view, { status, spoken }) {
  const now = performance.now();
  if (view.spoken.textContent === spoken) return;
  if (view.status === status && now - view.lastSpoken < CALM_MS) return;
  Object.assign(view, { status, lastSpoken: now });
  write(view.spoken, spoken);
}

export default component(buildBar, showStatus);
