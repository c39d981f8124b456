// Where snapshots lie on the track, as figures/time_axis.py has placed them.

export function nearestIndex(places, at) {
  let best = 0;
  places.forEach((place, i) => {
    if (Math.abs(place - at) < Math.abs(places[best] - at)) best = i;
  });
  return best;
}

// Epoch numbers under the track: as many of those offered as there is room for, the last one kept.
export function fittingTicks(ticks, width) {
  const fits = (a, b) => Math.abs(a[0] - b[0]) * width >= 18;
  return ticks.reduce((kept, tick) => {
    if (!kept.length || fits(tick, kept.at(-1))) return [...kept, tick];
    return tick === ticks.at(-1) ? [...kept.slice(0, -1), tick] : kept;
  }, []);
}

export const epochWords = (epoch) =>
  epoch === 0 ? "before training" : `epoch ${epoch < 1 ? Number(epoch.toPrecision(2)) : Number(epoch.toFixed(2))}`;
