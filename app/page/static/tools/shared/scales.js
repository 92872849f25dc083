// Where a value stands on an axis: scales, and ticks at round figures and at the turn of months.

const MS_A_DAY = 86_400_000;
const MONTHS_APART = [1, 2, 3, 6, 12, 24, 60, 120, 240];
const GAP = 2.5;

// Days since 1970, so that an axis of time is as long as the time.
export function dayNumber(iso) {
  return Date.parse(`${iso}T00:00:00Z`) / MS_A_DAY;
}

export function linear([low, high], [start, end]) {
  const wide = high - low || 1;
  return (value) => start + ((value - low) / wide) * (end - start);
}

// The step between ticks: 1, 2 or 5 times a power of ten, about `count` of them in the span.
function stepOf(span, count) {
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const found = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999);
  return found * power;
}

// Round figures from below `low` to above `high`, both covered.
export function ticks(low, high, count) {
  if (!(high > low)) return low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, low)];
  const step = stepOf(high - low, count);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

// The first day of a month, counted from January of the year nought.
function firstOf(months) {
  const year = String(Math.floor(months / 12)).padStart(4, "0");
  return `${year}-${String((months % 12) + 1).padStart(2, "0")}-01`;
}

// First days of months between two days, as far apart as `most` marks need; each January is kept.
export function timeTicks(first, last, most) {
  const [year, month] = first.split("-").map(Number);
  const [lastYear, lastMonth] = last.split("-").map(Number);
  const months = (lastYear - year) * 12 + (lastMonth - month) + 1;
  const apart = MONTHS_APART.find((step) => months / step <= most) ?? MONTHS_APART.at(-1);
  const begin = Math.ceil((year * 12 + month - 1) / apart) * apart;
  const found = [];
  for (let count = begin; ; count += apart) {
    const iso = firstOf(count);
    if (iso > last) return found;
    if (iso >= first) found.push({ iso, isYear: count % 12 === 0 });
  }
}

// Index of the entry of an ascending list that is nearest to a value.
export function nearest(sorted, value) {
  let [low, high] = [0, sorted.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle;
    else high = middle;
  }
  return Math.abs(sorted[high] - value) < Math.abs(sorted[low] - value) ? high : low;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

// Splits days into stretches without a gap: [[from, to], …], both included. A gap is a distance
// far beyond the usual one.
export function stretches(numbers) {
  if (numbers.length < 2) return numbers.length ? [[0, 0]] : [];
  const apart = numbers.slice(1).map((number, index) => number - numbers[index]);
  const most = GAP * median(apart);
  const found = [[0, 0]];
  apart.forEach((distance, index) => {
    if (distance > most) found.push([index + 1, index + 1]);
    else found.at(-1)[1] = index + 1;
  });
  return found;
}
