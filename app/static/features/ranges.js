// Ranges: between which values each figure lies over readings, the line's position and sources.

import { el, swatch } from "../dom.js";
import { number, phrase, plural, t } from "../language.js";
import { day, km2, list, nameOf, shortName } from "../words.js";
import { openGrid } from "./grid.js";
import { drawBars } from "./rangebars.js";
import {
  changeTo,
  figuresOf,
  intervalOf,
  movers,
  rangeOf,
  shownValue,
  titleOf,
  valuesOf,
  wordsOf,
} from "./spans.js";

const PATIENCE_MS = 500;
const KEPT = 12;
const CLOSE = "close";
const WIDEST = 900;

// Answers of this visit by address.
const kept = new Map();

function keep(key, answer) {
  kept.set(key, answer);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  return answer;
}

async function fetchOnce(instrument, address, signal) {
  if (kept.has(address)) return kept.get(address);
  return keep(address, await instrument.getJson(address, { signal }));
}

function without(query, names) {
  const left = new URLSearchParams(query);
  for (const name of names) left.delete(name);
  return left;
}

// Of every source the same day, or else the day nearest before it.
async function fetchBand(instrument, query, signal) {
  const wanted = without(query, ["source", "lang"]);
  wanted.set("by", "source");
  try {
    return await fetchOnce(instrument, `api/band?${wanted}`, signal);
  } catch (error) {
    if (error.status !== 404) throw error;
    wanted.set("nearest", "true");
    return fetchOnce(instrument, `api/band?${wanted}`, signal);
  }
}

function signed(value) {
  const words = km2(Math.abs(value));
  return value < 0 ? `−${words}` : `+${words}`;
}

export function open(instrument, root) {
  let shown = null;
  let found = {};
  let running = null;
  let timer = 0;
  let tables = null;

  const close = el("input", { type: "checkbox", id: "ranges-close" });
  close.checked = instrument.fragment.get(CLOSE) === "1";
  const wait = el("p", { class: "ranges-wait", role: "status" });
  const trouble = el("p", { class: "alert", role: "alert", hidden: "" });
  const key = el("p", { class: "small ranges-key" });
  const body = el("div", { class: "ranges-body" });
  const notes = el("div", { class: "small" });
  const table = el("details", { class: "ranges-table" }, el("summary", {}, t("The same as a table")));
  const label = el("label", { for: "ranges-close" }, t("Close up: scales need not begin at zero"));
  root.append(wait, trouble, key, el("p", { class: "ranges-close" }, close, label), body, notes, table);

  const oblastName = (id) => {
    const row = shown.tables.oblast.find(({ oblast }) => oblast === id);
    return row ? shortName(nameOf(row)) : id;
  };
  const chosenNow = () => instrument.state().readings ?? {};
  const words = (reading, option) => wordsOf(found.readings.readings, reading, option, oblastName);

  // --- choosing ---

  function chooseOnly(readings) {
    instrument.go(changeTo(found.readings, readings));
  }

  // An option beside what is chosen already; a second time takes it back.
  function chooseBeside(reading, option, isChosen) {
    const readings = { ...chosenNow() };
    delete readings[reading];
    if (!isChosen) readings[reading] = option;
    const change = changeTo(found.readings, readings);
    if (isChosen && found.readings.days[option]) change.date = dayOfPlan();
    instrument.go(change);
  }

  function dayOfPlan() {
    const { readings } = found.readings;
    const own = readings.find(({ option }) => option.some((each) => each.day));
    return found.readings.days[own.default] ?? instrument.state().date;
  }

  function isChosen(reading, option) {
    const at = found.readings.days[option];
    if (at) return at === shown.identity.date;
    return chosenNow()[reading] === option;
  }

  // --- words ---

  // What gives a value, as nodes: each question with its answer.
  function combinationWords(readings) {
    const pairs = Object.entries(readings);
    if (!pairs.length) return [t("the text as read by default")];
    return pairs.flatMap(([reading, option], index) => {
      const { question, label: answer } = words(reading, option);
      return [index ? "; " : "", question, " ", el("strong", {}, answer)];
    });
  }

  function endLine(kind, extreme) {
    const button = el("button", { type: "button", class: "range-end", "data-end": kind }, km2(extreme.value));
    button.addEventListener("click", () => chooseOnly(extreme.readings));
    const values = { value: button, readings: combinationWords(extreme.readings) };
    const text =
      kind === "low"
        ? phrase("Lowest {value}: {readings}", values)
        : phrase("Highest {value}: {readings}", values);
    return el("li", {}, ...text);
  }

  function intervalWords(interval) {
    const share = number(100 * found.uncertainty.interval);
    return t("Line’s position: {low} to {high} in {share} % of the draws.", {
      low: km2(interval.low),
      high: km2(interval.high),
      share,
    });
  }

  function sourceWords(values) {
    const parts = values.map(({ source, date, value }) =>
      t("{source} ({day}) {value}", { source, day: day(date), value: km2(value) }),
    );
    return t("Sources: {values}.", { values: list(parts) });
  }

  function optionButton({ reading, option, contribution }) {
    const { question, label: answer } = words(reading, option);
    const pressed = isChosen(reading, option);
    const amount = el("span", { class: "number" }, signed(contribution));
    const text = el("span", {}, question, " ", el("strong", {}, answer));
    const button = el(
      "button",
      { type: "button", class: "range-option", "aria-pressed": String(pressed), "data-option": `${reading}:${option}` },
      text,
      amount,
    );
    button.addEventListener("click", () => chooseBeside(reading, option, pressed));
    return el("li", {}, button);
  }

  function optionList(entry, range) {
    const some = movers(range);
    if (!some.length) return el("p", { class: "small" }, t("No option changes this figure alone."));
    const title = plural(some.length, {
      one: "What the one option changes alone",
      other: "What each of {n} options changes alone",
    });
    const node = el("details", { class: "range-options", "data-of": entry.key }, el("summary", {}, title));
    node.open = opened.has(entry.key);
    node.addEventListener("toggle", () => opened[node.open ? "add" : "delete"](entry.key));
    node.append(el("ul", {}, ...some.map(optionButton)));
    return node;
  }
  const opened = new Set();

  // --- drawing ---

  function modelOf(entry) {
    const range = rangeOf(found.readings, entry);
    if (!range) return null;
    return {
      title: titleOf(entry, shown.categories),
      category: entry.category,
      range: { low: range.low.value, high: range.high.value, standard: range.default },
      interval: intervalOf(found.uncertainty, entry),
      sources: valuesOf(found.band, entry),
      shown: shownValue(shown, entry),
      raw: range,
    };
  }

  function sectionOf(entry, width) {
    const model = modelOf(entry);
    if (!model || (entry.key === "not_settled" && model.range.high === 0)) return null;
    const { interval, sources, range, raw } = model;
    const more = [
      interval && intervalWords(interval),
      sources.length > 1 && sourceWords(sources),
    ].filter(Boolean);
    const span = t("{low} to {high} over all readings; shown now {shown}.", {
      low: km2(range.low),
      high: km2(range.high),
      shown: km2(model.shown),
    });
    const bars = drawBars({ ...model, words: [span, ...more].join(" ") }, { width, isClose: close.checked });
    const name = entry.category
      ? el("span", { class: "with-swatch" }, swatch(entry.category), model.title)
      : model.title;
    return el(
      "section",
      { class: "range", "data-figure": entry.key },
      el("p", { class: "range-head" }, el("strong", {}, name), el("span", { class: "number" }, km2(model.shown))),
      bars,
      el("ul", { class: "range-ends" }, endLine("low", raw.low), endLine("high", raw.high)),
      ...more.map((text) => el("p", { class: "small" }, text)),
      optionList(entry, raw),
    );
  }

  function draw() {
    if (!found.readings || !shown) return;
    const width = Math.min(WIDEST, Math.round(root.clientWidth));
    if (width < 160) return;
    const focus = document.activeElement?.closest("[data-option], [data-end]");
    const again = focus && body.contains(focus) && selectorOf(focus);
    body.replaceChildren(...figuresOf(shown).map((entry) => sectionOf(entry, width)).filter(Boolean));
    if (again) body.querySelector(again)?.focus({ preventScroll: true });
    showNotes();
    fillTable();
  }

  function selectorOf(node) {
    const own = node.dataset.option ? `[data-option="${node.dataset.option}"]` : `[data-end="${node.dataset.end}"]`;
    return `[data-figure="${node.closest("[data-figure]").dataset.figure}"] ${own}`;
  }

  function showNotes() {
    const { combinations } = found.readings;
    key.textContent = t(
      "Bar: all readings of the text. Line across: what is shown now. Diamond: the text as read by default on this day.",
    );
    const lines = [
      plural(combinations, {
        one: "{n} combination of readings was measured.",
        other: "{n} combinations of readings were measured, the day of the line among them.",
      }),
    ];
    const model = found.uncertainty?.model;
    if (model) {
      lines.push(
        t("The line’s position is uncertain by {km} km: {definition}.", {
          km: number(model.half_width_km, 2),
          definition: model.definition,
        }),
      );
    } else if (found.uncertaintyTrouble) lines.push(found.uncertaintyTrouble);
    if (found.bandTrouble) lines.push(found.bandTrouble);
    notes.replaceChildren(...lines.map((text) => el("p", {}, text)));
  }

  function fillTable() {
    tables?.leave();
    tables?.node.remove();
    tables = null;
    if (!table.open) return;
    const rows = figuresOf(shown)
      .map((entry) => modelOf(entry))
      .filter(Boolean)
      .map(({ title, range, interval, shown: now }) => ({
        title,
        now,
        ...range,
        lineLow: interval?.low ?? null,
        lineHigh: interval?.high ?? null,
      }));
    const figure = (name, title) => ({
      key: name,
      title,
      unit: "km²",
      number: true,
      cell: (row) => (row[name] === null ? "–" : km2(row[name]).replace(" km²", "")),
    });
    const query = without(rangeQuery(), []);
    query.set("format", "csv");
    tables = openGrid({
      name: "ranges",
      caption: t("Figures and their ranges, km²"),
      columns: [
        { key: "title", title: t("Figure") },
        figure("now", t("Shown now")),
        figure("standard", t("By default")),
        figure("low", t("Lowest reading")),
        figure("high", t("Highest reading")),
        figure("lineLow", t("Line’s position, from")),
        figure("lineHigh", t("Line’s position, to")),
      ],
      sort: { key: "now", down: true },
      say: instrument.say,
      tools: [el("a", { class: "grid-csv", href: `api/readings?${query}` }, t("CSV of the readings, all figures"))],
    });
    tables.show(rows);
    table.append(tables.node);
  }

  // --- asking ---

  function stateQuery() {
    return new URLSearchParams(instrument.query());
  }

  function rangeQuery() {
    return without(stateQuery(), ["reading"]);
  }

  function tell(text) {
    wait.textContent = text;
    root.toggleAttribute("data-waiting", Boolean(text));
  }

  function fail(error) {
    const again = el("button", { type: "button" }, t("Try again"));
    again.addEventListener("click", load);
    const text = t("The ranges could not be loaded. {why}", { why: error.message });
    trouble.replaceChildren(text, " ", again);
    trouble.hidden = false;
    tell("");
  }

  // What takes longer comes after the readings, and only once the state has come to rest.
  async function loadMore(mine) {
    const query = stateQuery();
    const { signal } = mine;
    const uncertainty = fetchOnce(instrument, `api/uncertainty?${without(query, ["lang"])}`, signal);
    const several = (instrument.offer.sources ?? []).length > 1;
    const band = several ? fetchBand(instrument, query, signal) : Promise.resolve(null);
    tell(t("Estimating what the line’s position makes of the figures …"));
    const [one, two] = await Promise.allSettled([uncertainty, band]);
    if (running !== mine || signal.aborted) return;
    const why = (result) => (result.status === "rejected" ? result.reason.message : null);
    found.uncertainty = one.value ?? null;
    found.uncertaintyTrouble = why(one);
    found.band = two.value ?? null;
    found.bandTrouble = why(two);
    tell("");
    draw();
  }

  async function load() {
    running?.abort();
    clearTimeout(timer);
    trouble.hidden = true;
    const mine = new AbortController();
    running = mine;
    const address = `api/readings?${rangeQuery()}`;
    const isKnown = kept.has(address);
    if (!isKnown) tell(t("Measuring every reading …"));
    try {
      const readings = await fetchOnce(instrument, address, mine.signal);
      if (running !== mine) return;
      found = { readings };
      draw();
      tell(t("Estimating what the line’s position makes of the figures …"));
      timer = setTimeout(() => loadMore(mine), PATIENCE_MS);
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      fail(error);
    }
  }

  close.addEventListener("change", () => {
    instrument.fragment.set(CLOSE, close.checked ? "1" : null);
    draw();
  });
  table.addEventListener("toggle", () => found.readings && fillTable());
  const watch = new ResizeObserver(draw);
  watch.observe(root);

  return {
    show(bundle) {
      shown = bundle;
      load();
    },
    leave() {
      running?.abort();
      running = null;
      clearTimeout(timer);
      watch.disconnect();
      tables?.leave();
    },
  };
}
