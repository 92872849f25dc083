// Tables to take away: as text for a spreadsheet, and as CSV.

import { el } from "../../core/dom.js";

const PATIENCE_MS = 1000;
const FORMULA = /^[=+\-@]/;
const NUMBER = /^[+-]?\d+([.,]\d+)*(e[+-]?\d+)?%?$/i;

// A cell that a spreadsheet can neither split nor compute.
function plainCell(value) {
  const text = String(value).replace(/[\t\r\n]+/g, " ");
  return FORMULA.test(text) ? `'${text}` : text;
}

function tsvCell(value, point) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value).replace(".", point);
  return plainCell(value);
}

// Tab-separated lines; numbers with all their digits, and the decimal sign asked for.
export function toTsv(head, rows, point) {
  const lines = [head.map(plainCell), ...rows.map((row) => row.map((cell) => tsvCell(cell, point)))];
  return lines.map((line) => line.join("\t")).join("\r\n");
}

// A text that a spreadsheet would compute begins with an apostrophe, as the server writes it.
function csvText(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const isComputed = typeof value === "string" && /^\s*[=+\-@]./s.test(text) && !NUMBER.test(text);
  return isComputed ? `'${text}` : text;
}

function csvCell(value) {
  const text = csvText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// What a column holds of a row: what it computes, or the member of its name.
export function valueOf({ key, value }, row) {
  return (value ? value(row) : row[key]) ?? null;
}

// CSV (RFC 4180) as the server writes it: what the figures depend on ends each row. Columns are
// { key, value? }.
export function toCsv(columns, rows, identity) {
  const more = Object.values(identity);
  const lines = [
    [...columns.map(({ key }) => key), ...Object.keys(identity)],
    ...rows.map((row) => [...columns.map((column) => valueOf(column, row)), ...more]),
  ];
  return lines.map((line) => `${line.map(csvCell).join(",")}\r\n`).join("");
}

// What figures depend on, each part in one cell.
export function identityCells(identity) {
  const names = ["plan", "date", "source", "boundaries", "readings", "data_version"];
  const readings = Object.entries(identity.readings ?? {}).map((pair) => pair.join(":"));
  return Object.fromEntries(
    names.map((name) => [name, name === "readings" ? readings.join(" ") : identity[name]]),
  );
}

// The way of browsers without the clipboard's own interface, or where it is refused.
function copyBySelection(text) {
  const area = el("textarea", { class: "hidden", readonly: "", tabindex: "-1" });
  area.style.whiteSpace = "pre"; // or else tabs and ends of lines would be copied as blanks
  area.value = text;
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } finally {
    area.remove();
    before?.focus({ preventScroll: true });
  }
}

// Whether the text is on the clipboard.
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Hands something over as a file.
export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = el("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), PATIENCE_MS);
}

export function saveText(text, name, type) {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);
}
