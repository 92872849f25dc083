// The sheet to print: the picture with its notes, and below it the ledger as a table.

import { el } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { drawSheet } from "./sheet.js";
import { tablesOf } from "../ledger/tables.js";

const ID = "sheet";

function cellOf(column, row) {
  const content = column.cell ? column.cell(row) : column.value(row);
  return content instanceof Node ? content.textContent : content;
}

function rowOf(columns, row) {
  const [first, ...others] = columns;
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, cellOf(first, row)),
    ...others.map((column) => el("td", { class: "number" }, cellOf(column, row))),
  );
}

function ledgerOf(bundle) {
  const { columns, caption, rows, sums, note } = tablesOf(bundle)[0];
  if (!rows.length) return [el("p", {}, t("Neither side would leave any ground."))];
  const told = columns.filter(({ copyOnly }) => !copyOnly);
  const heads = told.map(({ title, number }) =>
    el("th", { scope: "col", class: number ? "number" : null }, title),
  );
  const table = el(
    "table",
    {},
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, ...rows.map((row) => rowOf(told, row))),
    el("tfoot", {}, ...sums.map((row) => rowOf(told, row))),
  );
  return [table, note ? el("p", {}, note) : null];
}

function removeSheet() {
  document.getElementById(ID)?.remove();
}

function putSheet(instrument) {
  removeSheet();
  const { node } = drawSheet(instrument);
  const ledger = ledgerOf(instrument.bundle()).filter(Boolean);
  document.body.append(el("div", { class: ID, id: ID }, node, ...ledger));
}

// Whatever asks the browser to print, the sheet is what comes out.
let prepared = null;
export function prepare(instrument) {
  if (prepared) return;
  prepared = () => putSheet(instrument);
  addEventListener("beforeprint", prepared);
  addEventListener("afterprint", removeSheet);
}

export function printSheet(instrument) {
  prepare(instrument);
  window.print();
}
