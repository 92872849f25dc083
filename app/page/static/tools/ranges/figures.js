// The figures of the ranges: what readings, the line's position and sources make of each.

import { t } from "../../core/i18n.js";

export const LEAVES = ["ukraine_leaves_km2", "russia_leaves_km2", "net_leaves_km2"];
const NEXT_TO_NOTHING = 1e-6;

// The figures that are shown, in order: { key, figure, of, by, category? }.
export function figuresOf({ categories }) {
  const named = new Set(categories.map(({ category }) => category));
  named.add("not_settled");
  return [
    ...LEAVES.map((figure) => ({ key: figure, figure, of: "total", by: "country" })),
    ...[...named].map((category) => ({
      key: category,
      figure: "area_km2",
      of: category,
      by: "category",
      category,
    })),
  ];
}

// What the page shows of a figure at this moment.
export function shownValue({ tables, totals }, { figure, of, by }) {
  const rows = by === "country" ? totals.change : tables[by].filter((row) => row.category === of);
  return rows[0]?.[figure] ?? 0;
}

// The range over readings, or null where the answer has no such figure.
export function rangeOf(readings, { figure, of }) {
  return readings.figures.find((row) => row.figure === figure && row.of === of) ?? null;
}

function isOf(row, { figure, of, by }) {
  return row.by === by && row.figure === figure && (by === "country" || row.key === of);
}

// The interval from the line's position.
export function intervalOf(uncertainty, figure) {
  const found = uncertainty?.rows.find((row) => isOf(row, figure));
  return found ? { low: found.low_km2, high: found.high_km2 } : null;
}

// The value for the line of each source, ascending.
export function valuesOf(band, figure) {
  const rows = band?.rows.filter((row) => isOf(row, figure));
  return (rows ?? [])
    .map(({ source, date, value_km2: value }) => ({ source, date, value }))
    .sort((a, b) => a.value - b.value);
}

// Only options that change the figure, the largest change first.
export function movers({ options }) {
  return options
    .filter(({ contribution }) => Math.abs(contribution) > NEXT_TO_NOTHING)
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}

// Question and answer of a reading, as the plan words them; a list of oblasts by their names.
export function wordsOf(readings, reading, option, oblastName) {
  const found = readings.find(({ id }) => id === reading);
  const label = found?.option.find(({ id }) => id === option)?.label;
  if (label || !found?.oblast_list) return { question: found?.question ?? reading, label: label ?? option };
  const names = option.split(",").map(oblastName).join(", ");
  return { question: found.question, label: `${found.oblast_list.label}: ${names}` };
}

// The state that a choice of options leads to. An option of the day is a day.
export function changeTo(answer, chosen) {
  const readings = { ...chosen };
  const change = { readings };
  for (const [reading, option] of Object.entries(chosen)) {
    const asked = answer.readings.find(({ id }) => id === reading);
    const isOfTheDay = asked?.option.some(({ day }) => day);
    if (!isOfTheDay) continue;
    delete readings[reading];
    if (answer.days[option]) change.date = answer.days[option];
  }
  return change;
}

export function titleOf({ figure, category }, categories) {
  if (category) {
    const label = categories.find((row) => row.category === category)?.label;
    return label ?? t("Not settled by the text");
  }
  return {
    ukraine_leaves_km2: t("Ukraine leaves"),
    russia_leaves_km2: t("Russia leaves"),
    net_leaves_km2: t("Ukraine leaves more by"),
  }[figure];
}
