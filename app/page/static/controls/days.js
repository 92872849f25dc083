// The days that have a line: each source and each set of boundaries has its own.

import { getJson } from "../core/api.js";

function groundOf({ source, boundaries }) {
  return `${source} ${boundaries}`;
}

// The day nearest to another; the earlier one if two are equally near.
export function nearestDay(dates, iso) {
  const distance = (day) => Math.abs(Date.parse(day) - Date.parse(iso));
  return dates.reduce((best, day) => (distance(day) < distance(best) ? day : best));
}

export function openDays(first, dates) {
  const known = new Map([[groundOf(first), dates]]);

  // The days of a state's ground: at once if they are known, else a promise.
  function of(state, signal) {
    const found = known.get(groundOf(state));
    if (found) return found;
    const { source, boundaries } = state;
    const asked = new URLSearchParams({ source, boundaries });
    return getJson(`api/contact-lines?${asked}`, { signal }).then((answer) => {
      known.set(groundOf(state), answer.dates);
      return answer.dates;
    });
  }

  return { of, known: (state) => known.get(groundOf(state)) ?? dates };
}
