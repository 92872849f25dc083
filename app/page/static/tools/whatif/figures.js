// The figures of a what-if beside those of the line it is compared with.

import { el, swatch } from "../../core/dom.js";
import { number, plural, t } from "../../core/i18n.js";
import { km2, nameOf, shortName, whole } from "../../core/format.js";

const LARGEST_LISTED = 8;

// "+1,035", "−12", "0": a difference always says its sign; what is there never reads as nothing.
export function signed(value) {
  if (value === null || value === undefined || Math.abs(value) < 0.005) return "0";
  const size = Math.abs(value) < 0.5 ? "< 1" : number(Math.round(Math.abs(value)));
  return `${value > 0 ? "+" : "−"}${size}`;
}

function table(caption, heads, rows) {
  const cell = (content, index) =>
    index === 0 ? el("th", { scope: "row" }, content) : el("td", { class: "number" }, content);
  const head = heads.map((text, index) =>
    el("th", { scope: "col", class: index ? "number" : null }, text),
  );
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el(
      "table",
      {},
      el("caption", { class: "whatif-caption" }, caption),
      el("thead", {}, el("tr", {}, ...head)),
      el("tbody", {}, ...rows.map((row) => el("tr", row.more ?? {}, ...row.cells.map(cell)))),
    ),
  );
}

function labelled(category, label) {
  return el("span", { class: "with-swatch" }, swatch(category), label);
}

// Before there is an answer: what the known line gives.
function knownOnly(bundle) {
  const rows = bundle.categories.map(({ category, label, area_km2: area }) => ({
    more: { "data-category": category },
    cells: [labelled(category, label), whole(area), "–", "–"],
  }));
  return categoryTable(rows);
}

function categoryTable(rows) {
  const heads = [t("Area, km²"), t("Known line"), t("Your line"), t("Difference")];
  return table(t("What the plan makes of the land"), heads, rows);
}

function byCategory(answer, labels) {
  const rows = answer.difference.categories.map((row) => ({
    more: { "data-category": row.category },
    cells: [
      labelled(row.category, labels.get(row.category) ?? row.label),
      whole(row.a_km2),
      whole(row.b_km2),
      signed(row.difference_km2),
    ],
  }));
  return categoryTable(rows);
}

function ledger(answer, bundle) {
  const before = new Map(bundle.tables.change.map((row) => [row.oblast, row]));
  const after = new Map(answer.statistics.change.map((row) => [row.oblast, row]));
  const ids = [...new Set([...after.keys(), ...before.keys()])];
  const nothing = { ukraine_leaves_km2: 0, russia_leaves_km2: 0 };
  const cells = (was, is, name) => {
    return ["ukraine_leaves_km2", "russia_leaves_km2"].reduce(
      (all, column) => [...all, whole(is[column]), signed(is[column] - was[column])],
      [name],
    );
  };
  const rows = ids.map((id) => ({
    more: { "data-oblast": id },
    cells: cells(
      before.get(id) ?? nothing,
      after.get(id) ?? nothing,
      shortName(nameOf(after.get(id) ?? before.get(id))),
    ),
  }));
  const sums = [bundle, answer].map(({ totals }) => totals.change[0]);
  const together = { class: "total", "data-oblast": "total" };
  rows.push({ more: together, cells: cells(...sums, t("Together")) });
  const heads = [t("Leaves, km²"), t("Ukraine"), t("Difference"), t("Russia"), t("Difference")];
  return table(t("Who would leave what, on your line"), heads, rows);
}

function endsWords({ extended_ends: extended, trimmed_ends: trimmed }) {
  const longest = (ends) => number(Math.max(...ends.map((end) => end.length_km)), 1);
  const words = [];
  if (extended.length) {
    words.push(plural(extended.length, {
      one: "{n} end of your line was drawn on to what is nearest, {km} km at most.",
      other: "{n} ends of your line were drawn on to what is nearest, {km} km at most.",
    }, { km: longest(extended) }));
  }
  if (trimmed.length) {
    words.push(plural(trimmed.length, {
      one: "{n} short stub that led nowhere was left out, {km} km at most.",
      other: "{n} short stubs that led nowhere were left out, {km} km at most.",
    }, { km: longest(trimmed) }));
  }
  return words;
}

function placesWords({ settlements: found }) {
  if (!found.settlements) return t("No settlement is treated otherwise.");
  const people = whole(found.population_recorded);
  const words = plural(found.settlements, {
    one: "{n} settlement is treated otherwise, with {people} people recorded",
    other: "{n} settlements are treated otherwise, with {people} people recorded",
  }, { people });
  const largest = [...found.places].sort((a, b) => (b.population ?? 0) - (a.population ?? 0));
  const names = largest.slice(0, LARGEST_LISTED).map(nameOf).join(", ");
  if (found.settlements > LARGEST_LISTED) {
    return t("{words}: {names} and others.", { words, names });
  }
  return t("{words}: {names}.", { words, names });
}

// What changed, in a sentence: for eyes and for the live region.
export function summaryOf(answer) {
  const { changed_hands_km2: changed, held_by: held } = answer.difference;
  if (changed < 0.005) return t("Your line holds the same land as the known one.");
  const [toRussia, toUkraine] = [held.ukraine?.russia ?? 0, held.russia?.ukraine ?? 0];
  const area = km2(changed);
  if (!toUkraine) return t("{area} would become Russian-held.", { area });
  if (!toRussia) return t("{area} would become Ukrainian-held.", { area });
  return t(
    "{area} would change hands: {toRussia} to the Russian-held side, {toUkraine} to the Ukrainian-held.",
    { area, toRussia: km2(toRussia), toUkraine: km2(toUkraine) },
  );
}

export function figuresOf(bundle, answer) {
  const labels = new Map(bundle.categories.map(({ category, label }) => [category, label]));
  if (!answer) return [knownOnly(bundle)];
  const length = whole(answer.line.length_km);
  return [
    el("p", { class: "whatif-summary" }, summaryOf(answer)),
    byCategory(answer, labels),
    ledger(answer, bundle),
    el("p", { class: "small" }, placesWords(answer.difference)),
    el("p", { class: "small" }, t("Your line is {length} km long inside the country.", { length })),
    ...endsWords(answer.line).map((words) => el("p", { class: "small" }, words)),
  ];
}
