// The sentence that says who gives up what, the ledger and the tables.

import { byId, el, link, swatch } from "./dom.js";
import { day, km2, list, percent, shortName, whole } from "./words.js";

const TOTAL = "total";

function strong(text) {
  return el("strong", {}, text);
}

// Who leaves what: [sum, names of the oblasts, the largest first].
function leaves(rows, column) {
  const some = rows.filter((row) => row[column] > 0).sort((a, b) => b[column] - a[column]);
  const sum = some.reduce((total, row) => total + row[column], 0);
  return [sum, some.map((row) => shortName(row.name_en))];
}

function clauseOf(side, [sum, names]) {
  if (!sum) return [`${side} would leave nothing`];
  const where = names.length > 5 ? `${names.length} regions` : list(names);
  return [`${side} would leave `, strong(km2(sum)), ` in ${where}`];
}

export function headlineOf(bundle) {
  const rows = bundle.tables.change.filter(({ oblast }) => oblast !== TOTAL);
  const area = Object.fromEntries(bundle.categories.map((row) => [row.category, row.area_km2]));
  const staying = (area.de_facto_recognized ?? 0) + (area.frozen ?? 0);
  const ukraine = leaves(rows, "ukraine_leaves_km2");
  const russia = leaves(rows, "russia_leaves_km2");
  const parts = ukraine[0] || russia[0]
    ? [...clauseOf("Ukraine", ukraine), "; ", ...clauseOf("Russia", russia), "."]
    : ["Neither side would leave any ground."];
  if (staying) {
    parts.push(" Another ", strong(km2(staying)), " would be recognised as de facto Russian or frozen.");
  }
  parts.push(` Measured on the line of ${day(bundle.identity.date)}.`);
  return parts;
}

function table(target, columns, rows) {
  const node = document.querySelector(`[data-table="${target}"]`);
  const classes = (column, row) => [column.number && "number", row?.total && "total"].filter(Boolean).join(" ") || null;
  const head = columns.map((column) => el("th", { scope: "col", class: classes(column) }, column.title));
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

function showLedger(rows) {
  const most = (row) => Math.max(row.ukraine_leaves_km2, row.russia_leaves_km2);
  const shown = rows
    .map((row) => ({ ...row, total: row.oblast === TOTAL }))
    .filter((row) => row.total || most(row) > 0)
    .sort((a, b) => a.total - b.total || most(b) - most(a));
  const net = ({ net_leaves_km2: value }) => (value > 0 ? `+${whole(value)}` : whole(value));
  table("change", [
    { title: "km²", cell: (row) => (row.total ? "In all" : shortName(row.name_en)) },
    { title: "Ukraine leaves", number: true, cell: (row) => whole(row.ukraine_leaves_km2) },
    { title: "Russia leaves", number: true, cell: (row) => whole(row.russia_leaves_km2) },
    { title: "Net", number: true, cell: net },
  ], shown);
}

function bar(share) {
  const inner = el("span", { class: "bar-part" });
  inner.style.width = `${(100 * share).toFixed(1)}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, inner);
}

function showOblasts(rows) {
  const some = rows.filter((row) => row.russia_held_km2 > 0).sort((a, b) => b.russia_held_share - a.russia_held_share);
  table("oblast", [
    { title: "km²", cell: (row) => shortName(row.name_en) },
    { title: "Area", number: true, cell: (row) => whole(row.area_km2) },
    { title: "Ukrainian-held", number: true, cell: (row) => whole(row.ukraine_held_km2) },
    { title: "Russian-held", number: true, cell: (row) => whole(row.russia_held_km2) },
    { title: "Share", number: true, cell: (row) => el("span", { class: "share" }, percent(row.russia_held_share), bar(row.russia_held_share)) },
  ], some);
}

function showParts(rows, labels) {
  const held = { ukraine: "Ukraine", russia: "Russia" };
  const some = rows.filter((row) => row.category !== "retained" && row.area_km2 > 0);
  table("oblast,category", [
    { title: "Oblast", cell: (row) => shortName(row.name_en) },
    { title: "Category", cell: (row) => el("span", { class: "with-swatch" }, swatch(row.category), labels.get(row.category)) },
    { title: "Held by", cell: (row) => held[row.held_by] ?? row.held_by },
    { title: "km²", number: true, cell: (row) => whole(row.area_km2) },
    { title: "share", number: true, cell: (row) => percent(row.share_of_oblast) },
  ], some);
}

function showPeople(rows) {
  table("category", [
    { title: "Category", cell: (row) => el("span", { class: "with-swatch" }, swatch(row.category), row.label) },
    { title: "Settlements", number: true, cell: (row) => whole(row.settlements) },
    { title: "People recorded", number: true, cell: (row) => whole(row.population_recorded) },
    { title: "Places without a figure", number: true, cell: (row) => whole(row.settlements_population_unknown) },
  ], rows);
}

function showSources(bundle) {
  const { contact_line: line, identity, sources } = bundle;
  const facts = line.properties;
  const spread = facts.uncertainty_km ? ` Uncertainty of position: ${facts.uncertainty_km.toFixed(1)} km (${facts.uncertainty_definition}).` : "";
  const items = sources.map((source) =>
    el(
      "li",
      {},
      strong(source.title),
      `: ${source.source}, ${source.date}. `,
      link(source.licence_url, source.licence),
      ". ",
      source.attribution ?? "",
    ),
  );
  byId("sources").replaceChildren(
    el("p", {}, bundle.note),
    el("p", {}, `The line of contact is that of ${day(identity.date)}, ${whole(facts.length_km)} km long.${spread}`),
    el("p", {}, "Areas are measured on the WGS 84 ellipsoid at full precision; shapes on the screen are simplified. People are those recorded in dated gazetteers, not those who live there today."),
    el("ul", {}, ...items),
    el("p", { class: "small" }, `Plan: ${bundle.plan.title}. Data version ${identity.data_version}. Drawn with Folium and Leaflet.`),
  );
}

function showDownloads({ plan, date }) {
  for (const anchor of document.querySelectorAll("[data-csv]")) {
    const query = new URLSearchParams({ plan, date, by: anchor.dataset.csv, format: "csv" });
    anchor.href = `api/statistics?${query}`;
  }
}

export function showStatistics(bundle) {
  const labels = new Map(bundle.categories.map(({ category, label }) => [category, label]));
  byId("headline").replaceChildren(...headlineOf(bundle));
  byId("notes-date").textContent = day(bundle.identity.date);
  showLedger(bundle.tables.change);
  showOblasts(bundle.tables.oblast);
  showParts(bundle.tables["oblast,category"], labels);
  showPeople(bundle.tables.category);
  showSources(bundle);
  showDownloads(bundle.identity);
}
