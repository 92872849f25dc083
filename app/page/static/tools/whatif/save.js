// Files to take away, made in the page: the line as GeoJSON, the figures as CSV or JSON.

import { el } from "../../core/dom.js";
import { geometryOf, lengthKm } from "./editor/line.js";

const DIGITS = 6;

export function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const anchor = el("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function rounded(parts) {
  const round = (value) => Number(value.toFixed(DIGITS));
  return parts.map((part) => part.map(([lon, lat]) => [round(lon), round(lat)]));
}

// The line with what it began from; nothing about who drew it, nothing about when.
export function lineFile({ parts, began, isEdited, tool }) {
  return {
    type: "Feature",
    properties: {
      name: "What if: a line drawn by a user",
      began_from: began.name ?? "a line of contact of point21",
      began_from_source: began.source ?? null,
      date: began.date,
      edited: isEdited,
      length_km: Number(lengthKm(parts).toFixed(1)),
      tool,
      note: "Drawn by a user of point21; not a line that any source states.",
    },
    geometry: geometryOf(rounded(parts)),
  };
}

function quoted(value) {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const COLUMNS = ["table", "id", "label", "column", "reference", "what_if", "difference"];

function ledgerRows(answer, reference) {
  const columns = ["ukraine_leaves_km2", "russia_leaves_km2", "to_be_agreed_km2", "net_leaves_km2"];
  const before = new Map(reference.map((row) => [row.oblast, row]));
  const after = new Map(answer.statistics.change.map((row) => [row.oblast, row]));
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((oblast) =>
    columns.map((column) => {
      const [was, is] = [before, after].map((rows) => rows.get(oblast)?.[column] ?? 0);
      const label = (after.get(oblast) ?? before.get(oblast)).name_en;
      return ["change", oblast, label, column, was, is, is - was];
    }),
  );
}

// Long form: one row for each figure (RFC 4180).
export function figuresCsv(answer, reference) {
  const rows = answer.difference.categories.map((row) => {
    const [was, is] = [row.a_km2, row.b_km2];
    return ["category", row.category, row.label, "area_km2", was, is, row.difference_km2];
  });
  rows.push(...ledgerRows(answer, reference));
  const changed = answer.difference.changed_hands_km2;
  rows.push(["land", "changed_hands", "Changes hands", "area_km2", null, changed, null]);
  const ends = [...COLUMNS, "plan", "date", "reference_data_version", "data_version"];
  const { identity } = answer;
  const said = [identity.plan, identity.date, answer.reference.data_version, identity.data_version];
  return [ends, ...rows.map((row) => [...row, ...said])]
    .map((row) => row.map(quoted).join(","))
    .join("\r\n")
    .concat("\r\n");
}

export function figuresJson(answer) {
  const { identity, reference, method, line, statistics, totals, difference, sources } = answer;
  const document = { identity, reference, method, line, statistics, totals, difference, sources };
  return `${JSON.stringify(document, null, 1)}\n`;
}
