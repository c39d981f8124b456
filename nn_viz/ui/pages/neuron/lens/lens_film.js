// The film of one neuron: every kept moment, played in the browser. It starts at a press alone and can be stopped; who
// wants less motion gets the next moment at each press.
import { make, write } from "../../../live/elements.js";
import { within } from "../../../live/numbers.js";

/** @typedef {ReturnType<typeof buildFilm>} Film */

const FILM_MS = 4000; // the whole film, where the limits of a frame allow it
const [SHORTEST_MS, LONGEST_MS] = [70, 450]; // of a frame: long enough to be seen, short enough to be a motion
const lessMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * @param {Element} root
 * @param {() => void} repaint
 * @param {(frame: number) => void} hold
 */
export function buildFilm(root, repaint, hold) {
  const bar = make("div", { className: "film" }, root);
  const key = make("button", { type: "button", className: "plain" }, bar);
  const line = make("span", { className: "reel", ariaHidden: "true" }, bar);
  const film = {
    bar,
    key,
    line,
    done: make("i", {}, line),
    words: make("span", { className: "when" }, bar),
    frame: /** @type {number | null} */ (null),
    timer: 0,
    count: 0,
    repaint,
    hold,
  };
  key.addEventListener("click", () => pressFilm(film));
  return film;
}

/** @type {(film: Film) => void} */
function pressFilm(film) {
  if (lessMotion()) {
    film.frame = film.frame === null || film.frame + 1 >= film.count ? 0 : film.frame + 1;
    film.repaint();
    film.hold(film.frame);
  } else if (film.timer) stopFilm(film, true);
  else playFilm(film);
}

/** @type {(film: Film) => void} */
function playFilm(film) {
  film.frame = 0;
  film.timer = setInterval(
    () => {
      const next = (film.frame ?? 0) + 1;
      if (next >= film.count) return stopFilm(film, true);
      film.frame = next;
      film.repaint();
    },
    within(FILM_MS / film.count, SHORTEST_MS, LONGEST_MS),
  );
  film.repaint();
}

// `hold`: the rest of the page goes to the moment at which it stopped.
/** @type {(film: Film, hold: boolean) => void} */
export function stopFilm(film, hold) {
  if (!film.timer) return;
  clearInterval(film.timer);
  film.timer = 0;
  if (hold && film.frame !== null) film.hold(film.frame);
  film.frame = null;
  film.repaint();
}

/** @type {(film: Film, epochs: number[], shown: number) => void} */
export function describeFilm(film, epochs, shown) {
  film.count = epochs.length;
  film.bar.hidden = film.count < 2;
  const words = film.timer ? "Stop here" : lessMotion() ? "Next moment" : "Play the film";
  write(film.key, words);
  film.key.setAttribute("aria-pressed", String(Boolean(film.timer)));
  const at = film.frame ?? film.count - 1;
  film.done.style.width = `${(100 * at) / Math.max(1, film.count - 1)}%`;
  film.line.hidden = film.frame === null;
  const epoch = film.frame === null ? shown : epochs[at];
  const when =
    epoch === 0 ? "before training" : `epoch ${epoch < 1 ? Number(epoch.toPrecision(2)) : Number(epoch.toFixed(2))}`;
  film.words.textContent = film.frame === null ? `Shown: ${when}` : when;
}
