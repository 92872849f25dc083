// The statistics panel: headline, ledger, tables, and the sources that they rest on.

import { byId, el, link, swatch, translationOf } from "./dom.js";
import { headlineOf, titlesOf } from "./headline.js";
import { showLedger } from "./ledger.js";
import { number, t } from "./language.js";
import { table } from "./table.js";
import { showTowns } from "./towns.js";
import { day, nameOf, percent, shortName, side, whole } from "./words.js";

const LIMITS = [
  t(
    "Areas are measured on the WGS 84 ellipsoid at full precision; " +
      "shapes on the screen are simplified.",
  ),
  t(
    "Population is as recorded by GeoNames (edition of July 2026), which does not date its " +
      "figures: some are from before 2022, some from the war; not the people who live there now.",
  ),
];

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
      { title: t("km²"), cell: (row) => shortName(nameOf(row)) },
      { title: t("Area"), number: true, cell: (row) => whole(row.area_km2) },
      { title: t("Ukrainian-held##title"), number: true, cell: (row) => whole(row.ukraine_held_km2) },
      { title: t("Russian-held##title"), number: true, cell: (row) => whole(row.russia_held_km2) },
      {
        title: t("Russian-held share"),
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
      { title: t("Oblast"), cell: (row) => shortName(nameOf(row)) },
      {
        title: t("Category"),
        cell: (row) =>
          el("span", { class: "with-swatch" }, swatch(row.category), labels.get(row.category)),
      },
      { title: t("Held by"), cell: (row) => side(row.held_by) },
      { title: t("km²"), number: true, cell: (row) => whole(row.area_km2) },
      { title: t("share"), number: true, cell: (row) => percent(row.share_of_oblast) },
    ],
    some,
  );
}

function showPeople(rows) {
  table(
    "category",
    [
      {
        title: t("Category"),
        cell: (row) => el("span", { class: "with-swatch" }, swatch(row.category), row.label),
      },
      { title: t("Settlements"), number: true, cell: (row) => whole(row.settlements) },
      { title: t("People recorded"), number: true, cell: (row) => whole(row.population_recorded) },
      {
        title: t("Places without a figure"),
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
  const known = { date: day(date), length: whole(length) };
  if (!spread) return t("The line of contact is that of {date}, {length} km long.", known);
  return t(
    "The line of contact is that of {date}, {length} km long. " +
      "Its position is uncertain by {spread} km ({definition}).",
    { ...known, spread: number(spread, 1), definition: facts.uncertainty_definition },
  );
}

function showSources(bundle) {
  const { contact_line: line, identity, plan, sources } = bundle;
  const made = t("Plan: {plan}. Data version {version}. Drawn with Folium and Leaflet.", {
    plan: plan.title,
    version: identity.data_version,
  });
  byId("sources").replaceChildren(
    el("p", {}, bundle.note),
    el("p", {}, lineWords(line.properties)),
    ...LIMITS.map((text) => el("p", {}, text)),
    el("ul", {}, ...sources.map(sourceItem)),
    el("p", { class: "small" }, made),
  );
}

function showDownloads(query) {
  for (const anchor of document.querySelectorAll("[data-csv]")) {
    anchor.href = `api/statistics?${query({ by: anchor.dataset.csv, format: "csv" })}`;
  }
}

// What the text says and no map can show.
function showNotDrawn({ clauses }) {
  const some = clauses.filter(({ kind }) => kind === "not_mapped");
  byId("not-drawn").hidden = !some.length;
  const items = some.map(({ article, quote, reason, ...more }) =>
    el(
      "li",
      {},
      el("span", { lang: more.lang }, el("strong", {}, article), `: ${reason} `),
      el("q", { lang: more.quote_lang }, quote),
      more.quote_translation ? translationOf(more.quote_translation) : null,
    ),
  );
  byId("not-drawn-list").replaceChildren(...items);
}

export function showHeadline(bundle) {
  const { kicker, heading } = titlesOf(bundle.plan);
  byId("kicker").textContent = kicker;
  byId("heading").textContent = heading;
  byId("headline").replaceChildren(...headlineOf(bundle));
  byId("notes-date").textContent = day(bundle.identity.date);
}

export function showStatistics(bundle, query) {
  const labels = new Map(bundle.categories.map(({ category, label }) => [category, label]));
  showLedger(bundle.tables.change);
  showOblasts(bundle.tables.oblast);
  showParts(bundle.tables["oblast,category"], labels);
  showTowns(bundle);
  showPeople(bundle.tables.category);
  showNotDrawn(bundle.plan);
  showSources(bundle);
  showDownloads(query);
}
