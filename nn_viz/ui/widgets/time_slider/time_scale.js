// Where snapshots lie on the track, as figures/time_axis.py has placed them.

/** @type {(places: number[], at: number) => number} */
export function nearestIndex(places, at) {
  let best = 0;
  places.forEach((place, i) => {
    if (Math.abs(place - at) < Math.abs(places[best] - at)) best = i;
  });
  return best;
}

/** @typedef {[place: number, epoch: number]} Tick a place on the track, from 0 to 1, and what stands there */

/**
 * Epoch numbers under the track: as many of those offered as there is room for (CSS pixels), the last one kept.
 * @type {(ticks: Tick[], width: number) => Tick[]}
 */
export function fittingTicks(ticks, width) {
  /** @type {(a: Tick, b: Tick) => boolean} */
  const fits = (a, b) => Math.abs(a[0] - b[0]) * width >= 18;
  return ticks.reduce((/** @type {Tick[]} */ kept, tick) => {
    if (!kept.length || fits(tick, kept[kept.length - 1])) return [...kept, tick];
    return tick === ticks.at(-1) ? [...kept.slice(0, -1), tick] : kept;
  }, []);
}

/** @type {(epoch: number) => string} */
export const epochWords = (epoch) =>
  epoch === 0 ? "before training" : `epoch ${epoch < 1 ? Number(epoch.toPrecision(2)) : Number(epoch.toFixed(2))}`;
