// Fills a table of the panel: headed columns, and a head for each row.

import { el } from "./dom.js";

export function table(target, columns, rows) {
  const node = document.querySelector(`[data-table="${target}"]`);
  const classes = (column, row) =>
    [column.number && "number", row?.total && "total"].filter(Boolean).join(" ") || null;
  const head = columns.map((column) =>
    el("th", { scope: "col", class: classes(column) }, column.title),
  );
  const body = rows.map((row) =>
    el(
      "tr",
      { class: row.total ? "total" : null },
      ...columns.map((column, index) =>
        index === 0
          ? el("th", { scope: "row" }, column.cell(row))
          : el("td", { class: classes(column) }, column.cell(row)),
      ),
    ),
  );
  node.replaceChildren(el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
}
