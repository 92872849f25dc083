// What /api/history answers, as series to draw: one value for each day and category.

const ORDER = [
  "de_facto_recognized",
  "frozen",
  "buffer_zone",
  "relinquished",
  "not_settled",
  "retained",
];

// { days: ["2025-11-21", …], series: [{ category, values: [km², …] }] }, of the country or of one
// oblast. Categories without land on any day are left out; on a day without, land is nought.
export function seriesOf(rows, oblast = null) {
  const days = [...new Set(rows.map(({ date }) => date))].sort();
  const place = new Map(days.map((day, index) => [day, index]));
  const sums = new Map();
  for (const row of rows) {
    if (oblast && row.oblast !== oblast) continue;
    if (!sums.has(row.category)) sums.set(row.category, days.map(() => 0));
    sums.get(row.category)[place.get(row.date)] += row.area_km2;
  }
  const known = ORDER.filter((category) => sums.get(category)?.some((value) => value > 0));
  return { days, series: known.map((category) => ({ category, values: sums.get(category) })) };
}

// The days in parts of at most `most`, so that a long history is told bit by bit.
export function partsOf(days, most) {
  const count = Math.max(1, Math.ceil(days.length / most));
  const size = Math.ceil(days.length / count);
  return Array.from({ length: count }, (_, index) =>
    days.slice(index * size, (index + 1) * size),
  ).filter((part) => part.length);
}
