// One figure of the ranges in words: its bars, what makes it low or high, what each option changes.

import { el, swatch } from "../../core/dom.js";
import { number, phrase, plural, t } from "../../core/i18n.js";
import { day, km2, list } from "../../core/format.js";
import { drawBars } from "./bars.js";
import { movers } from "./figures.js";

function signed(value) {
  const words = km2(Math.abs(value));
  return value < 0 ? `−${words}` : `+${words}`;
}

// What gives a value, as nodes: each question with its answer.
function combinationWords(readings, words) {
  const pairs = Object.entries(readings);
  if (!pairs.length) return [t("the text as read by default")];
  return pairs.flatMap(([reading, option], index) => {
    const { question, label } = words(reading, option);
    return [index ? "; " : "", question, " ", el("strong", {}, label)];
  });
}

// The lowest or highest value: a button that leads to the readings that give it.
function endLine(kind, { value, readings }, { words, chooseOnly }) {
  const facts = { type: "button", class: "range-end", "data-end": kind };
  const button = el("button", facts, km2(value));
  button.addEventListener("click", () => chooseOnly(readings));
  const values = { value: button, readings: combinationWords(readings, words) };
  const text =
    kind === "low"
      ? phrase("Lowest {value}: {readings}", values)
      : phrase("Highest {value}: {readings}", values);
  return el("li", {}, ...text);
}

function intervalWords({ low, high, share }) {
  return t("Line’s position: {low} to {high} in {share} % of the draws.", {
    low: km2(low),
    high: km2(high),
    share: number(100 * share),
  });
}

function sourceWords(values) {
  const parts = values.map(({ source, date, value }) =>
    t("{source} ({day}) {value}", { source, day: day(date), value: km2(value) }),
  );
  return t("Sources: {values}.", { values: list(parts) });
}

function optionButton({ reading, option, contribution }, { words, isChosen, chooseBeside }) {
  const { question, label } = words(reading, option);
  const facts = {
    type: "button",
    class: "range-option",
    "aria-pressed": String(isChosen(reading, option)),
    "data-option": `${reading}:${option}`,
  };
  const text = el("span", {}, question, " ", el("strong", {}, label));
  const button = el("button", facts, text, el("span", { class: "number" }, signed(contribution)));
  button.addEventListener("click", () => chooseBeside(reading, option));
  return el("li", {}, button);
}

function optionList(key, range, context) {
  const some = movers(range);
  if (!some.length) return el("p", { class: "small" }, t("No option changes this figure alone."));
  const title = plural(some.length, {
    one: "What the one option changes alone",
    other: "What each of {n} options changes alone",
  });
  const node = el("details", { class: "range-options", open: context.opened.has(key) });
  node.addEventListener("toggle", () => context.opened[node.open ? "add" : "delete"](key));
  const items = some.map((part) => optionButton(part, context));
  node.append(el("summary", {}, title), el("ul", {}, ...items));
  return node;
}

// The section of a figure. `context` has width, isClose, opened, words, isChosen, chooseOnly and
// chooseBeside.
export function sectionOf(model, context) {
  const { key, title, category, range, interval, sources, shown, raw } = model;
  const more = [
    interval && intervalWords(interval),
    sources.length > 1 && sourceWords(sources),
  ].filter(Boolean);
  const span = t("{low} to {high} over all readings; shown now {shown}.", {
    low: km2(range.low),
    high: km2(range.high),
    shown: km2(shown),
  });
  const name = category ? el("span", { class: "with-swatch" }, swatch(category), title) : title;
  const now = el("span", { class: "number" }, km2(shown));
  return el(
    "section",
    { class: "range", "data-figure": key },
    el("p", { class: "range-head" }, el("strong", {}, name), now),
    drawBars({ ...model, words: [span, ...more].join(" ") }, context),
    el(
      "ul",
      { class: "range-ends" },
      endLine("low", raw.low, context),
      endLine("high", raw.high, context),
    ),
    ...more.map((text) => el("p", { class: "small" }, text)),
    optionList(key, raw, context),
  );
}

// What was measured, and how the line's uncertainty is meant.
export function notesOf({ readings, uncertainty, troubles = [] }) {
  const lines = [
    plural(readings.combinations, {
      one: "{n} combination of readings was measured.",
      other: "{n} combinations of readings were measured, the day of the line among them.",
    }),
  ];
  if (uncertainty) {
    const { half_width_km: km, definition } = uncertainty.model;
    lines.push(
      t("The line’s position is uncertain by {km} km: {definition}.", {
        km: number(km, 2),
        definition,
      }),
    );
  }
  return [...lines, ...troubles].map((text) => el("p", {}, text));
}
