// The film of one neuron: every kept moment, played in the browser. It starts at a press alone and can be stopped; who
// wants less motion gets the next moment at each press.
import { make, write } from "../../../live/elements.js";
import { within } from "../../../live/numbers.js";

const FILM_MS = 4000; // the whole film, where the limits of a frame allow it
const [SHORTEST_MS, LONGEST_MS] = [70, 450]; // of a frame: long enough to be seen, short enough to be a motion
const lessMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export function buildFilm(root, repaint, hold) {
  const bar = make("div", { className: "film" }, root);
  const film = { bar, frame: null, timer: null, count: 0, repaint, hold };
  film.key = make("button", { type: "button", className: "plain", onclick: () => pressFilm(film) }, bar);
  film.line = make("span", { className: "reel", ariaHidden: "true" }, bar);
  film.done = make("i", {}, film.line);
  film.words = make("span", { className: "when" }, bar);
  return film;
}

function pressFilm(film) {
  if (lessMotion()) {
    film.frame = film.frame === null || film.frame + 1 >= film.count ? 0 : film.frame + 1;
    film.repaint();
    film.hold(film.frame);
  } else if (film.timer) stopFilm(film, true);
  else playFilm(film);
}

function playFilm(film) {
  film.frame = 0;
  film.timer = setInterval(
    () => {
      if (film.frame + 1 >= film.count) return stopFilm(film, true);
      film.frame += 1;
      film.repaint();
    },
    within(FILM_MS / film.count, SHORTEST_MS, LONGEST_MS),
  );
  film.repaint();
}

// `hold`: the rest of the page goes to the moment at which it stopped.
export function stopFilm(film, hold) {
  if (!film.timer) return;
  clearInterval(film.timer);
  film.timer = null;
  if (hold) film.hold(film.frame);
  film.frame = null;
  film.repaint();
}

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
