// History: the area of each category on every day that has a line, the chosen day marked.

import { el } from "../../core/dom.js";
import { plural, t } from "../../core/i18n.js";
import { day, km2, nameOf, shortName } from "../../core/format.js";
import { openGrid } from "../shared/table.js";
import { partsOf, seriesOf } from "./series.js";
import { dayNumber, linear, nearest } from "../shared/scales.js";
import { GUTTER, MARGIN, openChart } from "./chart.js";
import { openWalk } from "./day_axis.js";

const KEPT = 6;
const DAYS_A_PART = 90;
const PATIENCE_MS = 200;
const WIDEST = 900;
const OBLAST = "oblast";

// Answers of this visit, so that neither another day nor coming back asks again.
const kept = new Map();

function keep(key, answer) {
  kept.set(key, answer);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
}

// What a history depends on: the state without its day.
function queryOf(instrument, more) {
  const query = new URLSearchParams(instrument.query(instrument.state(), more));
  for (const name of ["date", "lang"]) query.delete(name);
  const readings = query.getAll("reading").filter((text) => !text.startsWith("line_date:"));
  query.delete("reading");
  for (const reading of readings) query.append("reading", reading);
  return query;
}

// Days that have a line, as the instrument offers them.
function offeredDays({ dates }) {
  return dates.map((entry) => entry.date ?? entry);
}

// Asks part by part; each part is told as it comes, and the server keeps each.
async function ask(instrument, query, signal, onPart) {
  const parts = partsOf(offeredDays(instrument.offer), DAYS_A_PART);
  const answer = { rows: [], failed: [], method: "" };
  for (const [index, part] of parts.entries()) {
    const wanted = new URLSearchParams(query);
    if (parts.length > 1) {
      wanted.set("from", part[0]);
      wanted.set("to", part.at(-1));
    }
    const found = await instrument.getJson(`api/history?${wanted}`, { signal });
    answer.rows.push(...found.rows);
    answer.failed.push(...found.failed);
    answer.method = found.method;
    onPart(answer, index + 1, parts.length);
  }
  return answer;
}

function oblastOptions(bundle, chosen) {
  const changing = new Set(
    bundle.tables["oblast,category"]
      .filter(({ category, area_km2: area }) => category !== "retained" && area > 0)
      .map(({ oblast }) => oblast),
  );
  const option = (row) =>
    el("option", { value: row.oblast, selected: row.oblast === chosen }, shortName(nameOf(row)));
  const [inside, outside] = [true, false].map((wanted) =>
    bundle.tables.oblast.filter(({ oblast }) => changing.has(oblast) === wanted).map(option),
  );
  return [
    el("option", { value: "" }, t("All of Ukraine")),
    el("optgroup", { label: t("Where something changes") }, ...inside),
    el("optgroup", { label: t("Elsewhere") }, ...outside),
  ];
}

function failedWords(failed) {
  if (!failed.length) return [];
  const head = plural(failed.length, {
    one: "{n} day could not be measured:",
    other: "{n} days could not be measured:",
  });
  const items = failed.map(({ date, message }) => el("li", {}, `${day(date)}: ${message}`));
  return [el("p", {}, head), el("ul", {}, ...items)];
}

function skeleton() {
  const select = el("select", { id: "history-oblast" });
  const parts = {
    select,
    choice: el("p", { class: "history-choice" }, el("label", { for: "history-oblast" }, t("Area of")), " ", select),
    reading: el("p", { class: "history-day", "aria-hidden": "true" }),
    wait: el("p", { class: "history-wait", role: "status" }),
    trouble: el("p", { class: "alert", role: "alert", hidden: "" }),
    charts: el("div", { class: "history-charts" }),
    hint: el(
      "p",
      { class: "small", id: "history-hint" },
      t("Arrow keys walk through the days, Enter shows that day on the map; so does a click."),
    ),
    notes: el(
      "p",
      { class: "small" },
      t(
        "Each scale begins at zero and is its own. Dots are days that have a line; a value is drawn level until the next of them, and nothing is drawn where days are missing.",
      ),
    ),
    failed: el("div", { class: "small history-failed" }),
    table: el("details", { class: "history-table" }, el("summary", {}, t("The same as a table"))),
  };
  return parts;
}

export function open(instrument, root) {
  const ui = skeleton();
  let running = null;
  let shown = null;
  let model = null;
  let charts = [];
  let cursor = null;
  let grid = null;
  let timer = 0;

  const oblast = () => instrument.fragment.get(OBLAST) || null;
  const chosenIndex = () => {
    const index = model.days.indexOf(shown.identity.date);
    return index < 0 ? null : index;
  };
  const walk = openWalk({
    charts: ui.charts,
    hint: "history-hint",
    words: wordsOf,
    onWalk: (index, how) => {
      cursor = index;
      if (index === null && how === "keyboard") walk.at(chosenIndex() ?? 0);
      mark();
    },
    onChoose: (index) => {
      cursor = null;
      instrument.go({ date: model.days[index] });
    },
  });
  const frame = el("div", { class: "history-frame" }, ui.charts, walk.node);
  root.append(ui.choice, ui.wait, ui.trouble, ui.reading, frame, ui.hint, ui.notes, ui.failed, ui.table);
  frame.hidden = true;

  function wordsOf(index) {
    const values = model.series.map(({ values: list, label }) => `${label} ${km2(list[index])}`);
    return [day(model.days[index]), ...values].join("; ");
  }

  function mark() {
    const chosen = chosenIndex();
    for (const chart of charts) chart.mark({ chosen, cursor });
    const read = cursor ?? chosen;
    ui.reading.textContent = read === null ? "" : t("On {day}", { day: day(model.days[read]) });
  }

  // Sizes in pixels of the page, so that letters keep their size.
  function draw() {
    const width = Math.min(WIDEST, Math.round(root.clientWidth));
    if (!model?.days.length || width < 120) return;
    const numbers = model.days.map(dayNumber);
    const span = [numbers[0], numbers.at(-1)];
    const room = [GUTTER, width - MARGIN];
    const x = linear(span, room);
    const back = linear(room, span);
    model.series.forEach(({ values }, index) =>
      charts[index].draw({ days: model.days, numbers, values, x, width }),
    );
    walk.draw({ days: model.days, numbers, x, back, width });
    walk.at(cursor ?? chosenIndex() ?? nearest(numbers, dayNumber(shown.identity.date)));
    mark();
  }

  function fillTable() {
    grid?.leave();
    grid?.node.remove();
    grid = null;
    if (!ui.table.open || !model) return;
    const place = oblast() ? ui.select.selectedOptions[0].textContent : t("All of Ukraine");
    const figures = model.series.map(({ category, label, values }, index) => ({
      key: category,
      title: label,
      unit: "km²",
      number: true,
      value: (row) => values[row.index],
      cell: (row) => km2(model.series[index].values[row.index]).replace(" km²", ""),
    }));
    const more = { by: "oblast,category", format: "csv" };
    const address = `api/history?${queryOf(instrument, more)}`;
    grid = openGrid({
      name: "history",
      caption: t("Area of each category by day, km²: {place}", { place }),
      columns: [
        { key: "date", title: t("Day"), cell: (row) => day(row.date) },
        ...figures,
      ],
      sort: { key: "date", down: false },
      say: instrument.say,
      tools: [el("a", { class: "grid-csv", href: address }, t("CSV, all oblasts and digits"))],
    });
    grid.show(model.days.map((date, index) => ({ date, index })));
    ui.table.append(grid.node);
  }

  function showAnswer(answer) {
    const labels = new Map(shown.categories.map(({ category, label }) => [category, label]));
    labels.set("not_settled", labels.get("not_settled") ?? t("Not settled by the text"));
    const { days, series } = seriesOf(answer.rows, oblast());
    model = {
      days,
      series: series.map((entry) => ({ ...entry, label: labels.get(entry.category) })),
    };
    charts = model.series.map(openChart);
    ui.charts.replaceChildren(...charts.map(({ node }) => node));
    ui.failed.replaceChildren(...failedWords(answer.failed));
    frame.hidden = !days.length;
    draw();
    fillTable();
  }

  function tellWaiting(done, total) {
    clearTimeout(timer);
    const days = offeredDays(instrument.offer).length;
    const words = plural(days, {
      one: "Measuring {n} day …",
      other: "Measuring {n} days …",
    });
    const tell = () => {
      const progress = el("progress", total > 1 ? { max: total, value: done } : {});
      progress.setAttribute("aria-label", words);
      ui.wait.replaceChildren(words, " ", progress);
      root.dataset.waiting = "true";
    };
    if (done) tell();
    else timer = setTimeout(tell, PATIENCE_MS);
  }

  function tellDone() {
    clearTimeout(timer);
    ui.wait.replaceChildren();
    delete root.dataset.waiting;
  }

  function tellTrouble(error) {
    const again = el("button", { type: "button" }, t("Try again"));
    again.addEventListener("click", load);
    const words = t("The history could not be loaded. {why}", { why: error.message });
    ui.trouble.replaceChildren(words, " ", again);
    ui.trouble.hidden = false;
  }

  async function load() {
    const query = queryOf(instrument, { by: oblast() ? "oblast,category" : "category" });
    const key = String(query);
    running?.abort();
    running = null;
    ui.trouble.hidden = true;
    root.dataset.query = key;
    if (kept.has(key)) {
      tellDone();
      showAnswer(kept.get(key));
      return;
    }
    const mine = new AbortController();
    running = mine;
    tellWaiting(0, 0);
    try {
      const answer = await ask(instrument, query, mine.signal, (part, done, total) => {
        if (running !== mine) return;
        if (total > 1) tellWaiting(done, total);
        showAnswer(part);
      });
      keep(key, answer);
      if (running === mine) tellDone();
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      tellDone();
      tellTrouble(error);
    }
  }

  ui.select.addEventListener("change", () => {
    instrument.fragment.set(OBLAST, ui.select.value || null);
    load();
  });
  ui.table.addEventListener("toggle", fillTable);
  const watch = new ResizeObserver(draw);
  watch.observe(root);

  return {
    show(bundle) {
      const before = root.dataset.query;
      shown = bundle;
      cursor = null;
      ui.select.replaceChildren(...oblastOptions(bundle, oblast()));
      const query = queryOf(instrument, { by: oblast() ? "oblast,category" : "category" });
      if (model && before === String(query)) {
        walk.at(chosenIndex() ?? 0);
        mark();
      } else load();
    },
    leave() {
      running?.abort();
      running = null;
      watch.disconnect();
      grid?.leave();
      clearTimeout(timer);
    },
  };
}
