// The statistics panel: headline, ledger, tables, and the sources that they rest on.

import { byId, el, link, swatch } from "./dom.js";
import { headlineOf } from "./headline.js";
import { day, percent, shortName, side, whole } from "./words.js";
import { ground } from "./source.js";

const TOTAL = "total";
const LIMITS = [
  "Areas are measured on the WGS 84 ellipsoid at full precision; shapes on the screen are simplified.",
  "People are those recorded in dated gazetteers, not those who live there today.",
];

function table(target, columns, rows) {
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

function showLedger(rows) {
  const most = (row) => Math.max(row.ukraine_leaves_km2, row.russia_leaves_km2);
  const shown = rows
    .map((row) => ({ ...row, total: row.oblast === TOTAL }))
    .filter((row) => row.total || most(row) > 0)
    .sort((a, b) => a.total - b.total || most(b) - most(a));
  const net = ({ net_leaves_km2: value }) => (value > 0 ? `+${whole(value)}` : whole(value));
  table(
    "change",
    [
      { title: "km²", cell: (row) => (row.total ? "In all" : shortName(row.name_en)) },
      { title: "Ukraine leaves", number: true, cell: (row) => whole(row.ukraine_leaves_km2) },
      { title: "Russia leaves", number: true, cell: (row) => whole(row.russia_leaves_km2) },
      { title: "Net", number: true, cell: net },
    ],
    shown,
  );
}

function bar(share) {
  const inner = el("span", { class: "bar-part" });
  inner.style.width = `${(100 * share).toFixed(1)}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, inner);
}

function showOblasts(rows) {
  const some = rows
    .filter((row) => row.russia_held_km2 > 0)
    .sort((a, b) => b.russia_held_share - a.russia_held_share);
  table(
    "oblast",
    [
      { title: "km²", cell: (row) => shortName(row.name_en) },
      { title: "Area", number: true, cell: (row) => whole(row.area_km2) },
      { title: "Ukrainian-held", number: true, cell: (row) => whole(row.ukraine_held_km2) },
      { title: "Russian-held", number: true, cell: (row) => whole(row.russia_held_km2) },
      {
        title: "Share",
        number: true,
        cell: (row) =>
          el(
            "span",
            { class: "share" },
            percent(row.russia_held_share),
            bar(row.russia_held_share),
          ),
      },
    ],
    some,
  );
}

function showParts(rows, labels) {
  const some = rows.filter((row) => row.category !== "retained" && row.area_km2 > 0);
  table(
    "oblast,category",
    [
      { title: "Oblast", cell: (row) => shortName(row.name_en) },
      {
        title: "Category",
        cell: (row) =>
          el("span", { class: "with-swatch" }, swatch(row.category), labels.get(row.category)),
      },
      { title: "Held by", cell: (row) => side(row.held_by) },
      { title: "km²", number: true, cell: (row) => whole(row.area_km2) },
      { title: "share", number: true, cell: (row) => percent(row.share_of_oblast) },
    ],
    some,
  );
}

function showPeople(rows) {
  table(
    "category",
    [
      {
        title: "Category",
        cell: (row) => el("span", { class: "with-swatch" }, swatch(row.category), row.label),
      },
      { title: "Settlements", number: true, cell: (row) => whole(row.settlements) },
      { title: "People recorded", number: true, cell: (row) => whole(row.population_recorded) },
      {
        title: "Places without a figure",
        number: true,
        cell: (row) => whole(row.settlements_population_unknown),
      },
    ],
    rows,
  );
}

function sourceItem({ title, source, date, licence, licence_url: address, attribution }) {
  const words = [el("strong", {}, title), `: ${source}, ${date}. `, link(address, licence)];
  return el("li", {}, ...words, ". ", attribution ?? "");
}

function lineWords({ date, length_km: length, uncertainty_km: spread, ...facts }) {
  const known = `The line of contact is that of ${day(date)}, ${whole(length)} km long.`;
  if (!spread) return known;
  return `${known} Its position is uncertain by ${spread.toFixed(1)} km (${facts.uncertainty_definition}).`;
}

function showSources(bundle) {
  const { contact_line: line, identity, plan, sources } = bundle;
  const made = `Plan: ${plan.title}. Data version ${identity.data_version}. Drawn with Folium and Leaflet.`;
  byId("sources").replaceChildren(
    el("p", {}, bundle.note),
    el("p", {}, lineWords(line.properties)),
    ...LIMITS.map((text) => el("p", {}, text)),
    el("ul", {}, ...sources.map(sourceItem)),
    el("p", { class: "small" }, made),
  );
}

function showDownloads({ plan, date }) {
  for (const anchor of document.querySelectorAll("[data-csv]")) {
    const query = new URLSearchParams({ plan, date, by: anchor.dataset.csv, format: "csv" });
    anchor.href = `api/statistics?${query}${ground()}`;
  }
}

export function showHeadline(bundle) {
  byId("headline").replaceChildren(...headlineOf(bundle));
  byId("notes-date").textContent = day(bundle.identity.date);
}

export function showStatistics(bundle) {
  const labels = new Map(bundle.categories.map(({ category, label }) => [category, label]));
  showLedger(bundle.tables.change);
  showOblasts(bundle.tables.oblast);
  showParts(bundle.tables["oblast,category"], labels);
  showPeople(bundle.tables.category);
  showSources(bundle);
  showDownloads(bundle.identity);
}
