// Ranges: between which values each figure lies over readings, the line's position and sources.

import { el } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { nameOf, shortName } from "../../core/format.js";
import { fetchOnce, fetchSpreads, isKept, queryWithout } from "./requests.js";
import { openTable } from "./table.js";
import { notesOf, sectionOf } from "./words.js";
import {
  changeTo,
  figuresOf,
  intervalOf,
  rangeOf,
  shownValue,
  titleOf,
  valuesOf,
  wordsOf,
} from "./figures.js";

const PATIENCE_MS = 500;
const CLOSE = "close";
const WIDEST = 900;
const NARROWEST = 160;

function skeleton() {
  const close = el("input", { type: "checkbox", id: "ranges-close" });
  const label = el("label", { for: "ranges-close" }, t("Close up: scales need not begin at zero"));
  const key = t(
    "Bar: all readings of the text. Line across: what is shown now. " +
      "Diamond: the text as read by default on this day.",
  );
  return {
    close,
    wait: el("p", { class: "ranges-wait", role: "status" }),
    trouble: el("p", { class: "alert", role: "alert", hidden: "" }),
    key: el("p", { class: "small" }, key),
    choice: el("p", { class: "ranges-close" }, close, label),
    body: el("div", { class: "ranges-body" }),
    notes: el("div", { class: "small" }),
    table: el("details", { class: "ranges-table" }, el("summary", {}, t("The same as a table"))),
  };
}

// Finds again what had the focus, when it was drawn anew.
function selectorOf(node) {
  const { option, end } = node.dataset;
  const own = option ? `[data-option="${option}"]` : `[data-end="${end}"]`;
  return `[data-figure="${node.closest("[data-figure]").dataset.figure}"] ${own}`;
}

// What stands for a figure at this moment, or null where the answer does not have it.
function modelOf(entry, shown, { readings, uncertainty, band }) {
  const raw = rangeOf(readings, entry);
  if (!raw) return null;
  const interval = intervalOf(uncertainty, entry);
  return {
    key: entry.key,
    title: titleOf(entry, shown.categories),
    category: entry.category,
    range: { low: raw.low.value, high: raw.high.value, standard: raw.default },
    interval: interval && { ...interval, share: uncertainty.interval },
    sources: valuesOf(band, entry),
    shown: shownValue(shown, entry),
    raw,
  };
}

// How readings are chosen from here: only some, or one beside what is chosen already.
function chooser(instrument, answer) {
  const chosenNow = () => instrument.state().readings ?? {};
  const isChosen = (reading, option) => {
    const day = answer.days[option];
    return day ? day === instrument.state().date : chosenNow()[reading] === option;
  };
  const usualDay = () => {
    const own = answer.readings.find(({ option }) => option.some(({ day }) => day));
    return answer.days[own?.default] ?? instrument.state().date;
  };
  return {
    isChosen,
    chooseOnly: (readings) => instrument.go(changeTo(answer, readings)),
    chooseBeside(reading, option) {
      const { [reading]: _, ...others } = chosenNow();
      if (!isChosen(reading, option)) {
        instrument.go(changeTo(answer, { ...others, [reading]: option }));
        return;
      }
      const back = answer.days[option] ? { date: usualDay() } : {};
      instrument.go({ ...changeTo(answer, others), ...back });
    },
  };
}

export function open(instrument, root) {
  const ui = skeleton();
  const opened = new Set();
  let shown = null;
  let found = {};
  let running = null;
  let timer = 0;
  let grid = null;

  ui.close.checked = instrument.fragment.get(CLOSE) === "1";
  const { wait, trouble, key, choice, body, notes, table } = ui;
  root.append(wait, trouble, key, choice, body, notes, table);

  const oblastName = (id) => {
    const row = shown.tables.oblast.find(({ oblast }) => oblast === id);
    return row ? shortName(nameOf(row)) : id;
  };

  // Every figure that is there; what no reading leaves unsettled is not spoken of.
  function models() {
    const all = figuresOf(shown).map((entry) => modelOf(entry, shown, found));
    return all.filter((model) => model && (model.key !== "not_settled" || model.range.high > 0));
  }

  function draw() {
    const width = Math.min(WIDEST, Math.round(root.clientWidth));
    if (!found.readings || width < NARROWEST) return;
    const focused = document.activeElement?.closest("[data-option], [data-end]");
    const again = focused && body.contains(focused) ? selectorOf(focused) : null;
    const words = (reading, option) =>
      wordsOf(found.readings.readings, reading, option, oblastName);
    const context = {
      width,
      isClose: ui.close.checked,
      opened,
      words,
      ...chooser(instrument, found.readings),
    };
    // A list may have been unfolded so shortly before that nobody has been told.
    for (const node of body.querySelectorAll(".range-options")) {
      opened[node.open ? "add" : "delete"](node.closest(".range").dataset.figure);
    }
    body.replaceChildren(...models().map((model) => sectionOf(model, context)));
    if (again) body.querySelector(again)?.focus({ preventScroll: true });
    notes.replaceChildren(...notesOf(found));
    fillTable();
  }

  function fillTable() {
    grid?.leave();
    grid?.node.remove();
    grid = null;
    if (!table.open || !found.readings) return;
    const query = queryWithout(instrument, ["reading"], { format: "csv" });
    grid = openTable(models(), { address: `api/readings?${query}`, say: instrument.say });
    table.append(grid.node);
  }

  function tellTrouble(error) {
    const again = el("button", { type: "button" }, t("Try again"));
    again.addEventListener("click", load);
    const words = t("The ranges could not be loaded. {why}", { why: error.message });
    trouble.replaceChildren(words, " ", again);
    trouble.hidden = false;
    wait.textContent = "";
  }

  // Only once the state has come to rest: the server measures every area many times.
  async function loadSpreads(mine) {
    const spreads = await fetchSpreads(instrument, mine.signal);
    if (running !== mine) return;
    Object.assign(found, spreads);
    wait.textContent = "";
    draw();
  }

  async function load() {
    running?.abort();
    clearTimeout(timer);
    trouble.hidden = true;
    const mine = new AbortController();
    running = mine;
    const address = `api/readings?${queryWithout(instrument, ["reading"])}`;
    if (!isKept(address)) wait.textContent = t("Measuring every reading …");
    try {
      const readings = await fetchOnce(instrument, address, mine.signal);
      if (running !== mine) return;
      found = { readings };
      draw();
      wait.textContent = t("Estimating what the line’s position makes of the figures …");
      timer = setTimeout(() => loadSpreads(mine), PATIENCE_MS);
    } catch (error) {
      if (running === mine && error.name !== "AbortError") tellTrouble(error);
    }
  }

  ui.close.addEventListener("change", () => {
    instrument.fragment.set(CLOSE, ui.close.checked ? "1" : null);
    draw();
  });
  table.addEventListener("toggle", fillTable);
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
      grid?.leave();
    },
  };
}
