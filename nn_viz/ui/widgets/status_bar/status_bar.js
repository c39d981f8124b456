// The training's progress in one line. Text nodes are changed in place, so nothing jumps and selections survive.
import { component, stamp } from "../../live/component.js";
import { make, withChildren, write } from "../../live/elements.js";

const CALM_MS = 3000; // between two announcements of the same status

function buildBar(root) {
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Training status");
  root.innerHTML = `<div class="line"><span class="words"></span><dl></dl></div>
    <div class="progress" role="progressbar" aria-label="Training progress" aria-valuemin="0" aria-valuemax="100"><i></i></div>
    <div class="spoken" role="status" aria-live="polite"></div>`;
  const find = (selector) => root.querySelector(selector);
  return {
    root,
    words: find(".words"),
    facts: find("dl"),
    progress: find(".progress"),
    fill: find("i"),
    spoken: find(".spoken"),
    status: null,
    lastSpoken: -Infinity,
    end() {},
  };
}

function showStatus(view, { header }) {
  const { root, words, facts, progress, fill } = view;
  root.dataset.status = header.status;
  write(words, header.words);
  words.title = header.words;
  withChildren(facts, header.facts.length, () => make("div", { innerHTML: "<dt></dt><dd></dd>" }, facts));
  header.facts.forEach(([name, value, help], i) => {
    facts.children[i].title = help;
    write(facts.children[i].firstChild, name);
    write(facts.children[i].lastChild, value);
  });
  fill.style.transform = `scaleX(${header.fraction})`;
  progress.setAttribute("aria-valuenow", Math.round(header.fraction * 100));
  announce(view, header);
  stamp(root, header);
}

// A change of status is announced at once; new accuracies follow calmly, one a snapshot at most.
function announce(view, { status, spoken }) {
  const now = performance.now();
  if (view.spoken.textContent === spoken) return;
  if (view.status === status && now - view.lastSpoken < CALM_MS) return;
  Object.assign(view, { status, lastSpoken: now });
  write(view.spoken, spoken);
}

export default component(buildBar, showStatus);
