// A table to read, sort and take away. Sums stay at its foot, whatever it is sorted by.

import { el } from "../../core/dom.js";
import { lang, plural, t } from "../../core/i18n.js";
import { copyText, toTsv, valueOf } from "./clipboard.js";

const POINT = (1.5).toLocaleString(lang).replace(/\d/g, "");
const collator = new Intl.Collator(lang, { numeric: true });

// What is not known comes last, whichever way the table is sorted.
function compare(column, down) {
  const sign = down ? -1 : 1;
  return (left, right) => {
    const [a, b] = [valueOf(column, left), valueOf(column, right)];
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (typeof a === "number" ? a - b : collator.compare(a, b));
  };
}

function cellsOf(columns, row) {
  return columns.map((column, index) => {
    const content = column.cell ? column.cell(row) : String(valueOf(column, row));
    const label = column.number ? "number" : null;
    return index === 0
      ? el("th", { scope: "row" }, content)
      : el("td", { class: label }, content);
  });
}

// Columns: { key, title, unit?, number?, value?(row), cell?(row), copyOnly? }.
// Rows come with show(rows, sums); sums are further rows in the same columns.
export function openGrid({ name, caption, sort, say, onSort = () => {}, tools = [], ...given }) {
  let { columns } = given;
  let shown = columns.filter(({ copyOnly }) => !copyOnly);
  let { key, down } = sort;
  let rows = [];
  let sums = [];

  const words = el("span", {}, t("Copy table"));
  const copy = el("button", { type: "button", class: "grid-copy" }, words);
  const told = el("span", { class: "grid-told", "aria-hidden": "true" });
  const heads = shown.map((column, index) => {
    const arrow = el("span", { class: "grid-arrow", "aria-hidden": "true" });
    const button = el("button", { type: "button" }, column.title, arrow);
    button.addEventListener("click", () => sortBy(shown[index]));
    return el("th", { scope: "col", class: column.number ? "number" : null }, button);
  });
  const body = el("tbody");
  const foot = el("tfoot");
  const head = el("thead", {}, el("tr", {}, ...heads));
  const title = el("caption", {}, caption);
  const table = el("table", { "data-table": name }, title, head, body, foot);
  const region = el("div", { class: "grid-scroll", role: "region", "aria-label": caption }, table);
  const node = el("div", { class: "grid" }, region);
  node.append(el("p", { class: "grid-tools" }, copy, ...tools, told));

  function markSorted() {
    shown.forEach((column, index) => {
      const sorted = column.key === key ? (down ? "descending" : "ascending") : null;
      if (sorted) heads[index].setAttribute("aria-sort", sorted);
      else heads[index].removeAttribute("aria-sort");
    });
  }

  function inOrder() {
    const column = shown.find((candidate) => candidate.key === key) ?? shown[0];
    return [...rows].sort(compare(column, down));
  }

  function fill() {
    const line = (row, kind) => el("tr", { class: kind }, ...cellsOf(shown, row));
    body.replaceChildren(...inOrder().map((row) => line(row, row.kind ?? null)));
    foot.replaceChildren(...sums.map((row) => line(row, row.kind ?? "total")));
    foot.hidden = !sums.length;
    markSorted();
  }

  function sortBy(column) {
    down = column.key === key ? !down : Boolean(column.number);
    key = column.key;
    fill();
    const way = column.number
      ? down ? t("largest first") : t("smallest first")
      : down ? t("from Z to A") : t("from A to Z");
    say(t("Sorted by {column}, {way}.", { column: column.title, way }));
    onSort(key, down);
  }

  // All columns, also those that are only copied; figures with all digits, without the sums.
  function tsv() {
    const titles = columns.map((column) => [column.title, column.unit].filter(Boolean).join(", "));
    const lines = inOrder().map((row) => columns.map((column) => valueOf(column, row)));
    return toTsv(titles, lines, POINT);
  }

  copy.addEventListener("click", async () => {
    const count = rows.length;
    const ok = await copyText(tsv());
    const message = ok
      ? plural(count, {
          one: "Copied {n} row, numbers with all digits.",
          other: "Copied {n} rows, numbers with all digits.",
        })
      : t("The browser does not allow copying; the CSV has the same figures.");
    told.textContent = message;
    say(message);
  });

  // A table wider than its place is scrolled by keyboard too.
  const watch = new ResizeObserver(() => {
    if (region.scrollWidth > region.clientWidth + 1) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  });
  watch.observe(region);
  watch.observe(table);

  // The columns keep their order and titles; how they write a row may be told anew.
  function show(newRows, newSums = [], newColumns = columns) {
    [rows, sums, columns] = [newRows, newSums, newColumns];
    shown = columns.filter(({ copyOnly }) => !copyOnly);
    told.textContent = "";
    fill();
  }

  return { node, table, tsv, show, leave: () => watch.disconnect() };
}
