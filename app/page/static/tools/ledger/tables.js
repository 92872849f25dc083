// What the tables of the ledger show: columns, rows and sums, from the figures of a bundle.

import { el, swatch } from "../../core/dom.js";
import { plural, t } from "../../core/i18n.js";
import { nameOf, percent, shortName, side, whole } from "../../core/format.js";

const BUFFER = "buffer_zone";
const KM2 = "km²";
const MORE = "total more"; // a sum beside the sum

export function sum(rows, key) {
  return rows.reduce((total, row) => total + (row[key] ?? 0), 0);
}

function figure(key, title, unit = KM2, more = {}) {
  return { key, title, unit, number: true, cell: (row) => whole(row[key]), ...more };
}

const oblastColumn = () => ({
  key: "name",
  title: t("Oblast"),
  value: (row) => row.name ?? shortName(nameOf(row)),
});

function categoryColumn(labels) {
  const label = (row) => row.name ?? row.label ?? labels.get(row.category);
  const cell = (row) =>
    row.name ?? el("span", { class: "with-swatch" }, swatch(row.category), label(row));
  return { key: "category", title: t("Category"), value: label, cell };
}

function peopleColumns(places) {
  return [
    figure("population_recorded", t("People recorded"), ""),
    figure("settlements", places, ""),
    figure("settlements_population_unknown", t("Places without a figure"), ""),
  ];
}

// --- what each side leaves ---------------------------------------------------------------------

function russiaCell({ russia_leaves_km2: value, to_be_agreed_km2: open }) {
  return open > 0 ? t("up to {amount}", { amount: whole(value) }) : whole(value);
}

// In words, for a sign could be read as a gain.
function balanceCell({ net_leaves_km2: net, to_be_agreed_km2: open }) {
  const amount = whole(Math.abs(net));
  if (net < 0 && open > 0) return t("Russia: up to {amount}", { amount });
  if (net < 0) return t("Russia: {amount}", { amount });
  return open > 0 ? t("at least {amount}", { amount }) : amount;
}

function most(row) {
  return Math.max(row.ukraine_leaves_km2, row.russia_leaves_km2);
}

function changeTable({ tables, totals }) {
  const rows = tables.change;
  const isOpen = rows.some((row) => row.to_be_agreed_km2 > 0);
  return {
    key: "ledger",
    name: "change",
    by: "change",
    title: t("Ledger of change"),
    caption: t("What each side would leave on the day of the line, km²"),
    isOpen: true,
    sort: { key: "ukraine_leaves_km2", down: true },
    columns: [
      oblastColumn(),
      figure("ukraine_leaves_km2", t("Ukraine leaves")),
      figure("russia_leaves_km2", t("Russia leaves"), KM2, { cell: russiaCell }),
      figure("to_be_agreed_km2", t("Of this left to agreement"), KM2, { copyOnly: true }),
      figure("net_leaves_km2", t("Ukraine leaves more by"), KM2, { cell: balanceCell }),
    ],
    rows: rows.filter((row) => most(row) > 0).sort((a, b) => most(b) - most(a)),
    sums: totals.change.map((row) => ({ ...row, name: t("In all") })),
    note: isOpen
      ? t(
          "“Up to”: the text leaves to agreement which of this land Russia leaves; all that it holds there is counted.",
        )
      : "",
  };
}

function leavingTable({ tables, totals }) {
  const rows = tables.leaving;
  return {
    key: "leaving",
    name: "leaving",
    by: "leaving",
    title: t("People where a side leaves"),
    caption: t("Population recorded on land that a side would leave"),
    isOpen: true,
    sort: { key: "population_recorded", down: true },
    columns: [
      oblastColumn(),
      { key: "leaves", title: t("Who leaves"), value: (row) => side(row.leaves) },
      ...peopleColumns(t("Places")),
    ],
    rows,
    sums: (totals.leaving ?? []).map((row) => ({ ...row, name: t("In all") })),
    note: rows.length
      ? t(
          "A place without a figure counts as a place and adds nobody: at least as many are recorded.",
        )
      : "",
  };
}

// --- today -------------------------------------------------------------------------------------

function shareCell(key) {
  return (row) => {
    const part = el("span", { class: "bar-part" });
    part.style.width = `${(100 * row[key]).toFixed(1)}%`;
    const bar = el("span", { class: "bar", "aria-hidden": "true" }, part);
    return el("span", { class: "share" }, percent(row[key]), bar);
  };
}

function oblastSum(rows, name) {
  const keys = ["area_km2", "ukraine_held_km2", "russia_held_km2"];
  const added = Object.fromEntries(keys.map((key) => [key, sum(rows, key)]));
  return { ...added, name, russia_held_share: added.russia_held_km2 / added.area_km2 };
}

function oblastTable({ tables }) {
  const rows = tables.oblast.filter((row) => row.russia_held_km2 > 0);
  const together = plural(rows.length, {
    one: "This {n} region",
    other: "These {n} regions together",
  });
  return {
    key: "oblasts",
    name: "oblast",
    by: "oblast",
    title: t("By oblast, today"),
    caption: t("Who holds what on the day of the line, km²"),
    isOpen: true,
    sort: { key: "russia_held_share", down: true },
    columns: [
      oblastColumn(),
      figure("area_km2", t("Area")),
      figure("ukraine_held_km2", t("Ukrainian-held##title")),
      figure("russia_held_km2", t("Russian-held##title")),
      figure("russia_held_share", t("Russian-held share"), "0–1", {
        cell: shareCell("russia_held_share"),
      }),
    ],
    rows,
    sums: [
      oblastSum(rows, together),
      { ...oblastSum(tables.oblast, t("All of Ukraine")), kind: MORE },
    ],
  };
}

// --- what becomes of it ------------------------------------------------------------------------

function partsTable({ tables, categories }) {
  const labels = new Map(categories.map(({ category, label }) => [category, label]));
  const all = tables["oblast,category"];
  const rows = all.filter((row) => row.category !== "retained" && row.area_km2 > 0);
  return {
    key: "parts",
    name: "oblast,category",
    by: "oblast,category",
    title: t("By oblast and category"),
    caption: t("What becomes of each part, km²"),
    sort: { key: "area_km2", down: true },
    columns: [
      oblastColumn(),
      categoryColumn(labels),
      { key: "held_by", title: t("Held by"), value: (row) => (row.held_by ? side(row.held_by) : "") },
      figure("area_km2", t("Area")),
      figure("share_of_oblast", t("Share of the oblast"), "0–1", {
        cell: (row) => (row.name ? "" : percent(row.share_of_oblast)),
      }),
    ],
    rows,
    sums: [{ name: t("In all"), category: null, area_km2: sum(rows, "area_km2") }],
  };
}

function townsTable({ towns, tables }) {
  const rows = towns.filter(({ category }) => category === BUFFER);
  const zone = tables.category.find(({ category }) => category === BUFFER);
  const nameCell = (row) =>
    row.contested
      ? el("span", {}, nameOf(row), " ", el("em", {}, t("(contested)")))
      : (row.name ?? nameOf(row));
  const together = plural(rows.length, { one: "This one", other: "These {n} together" });
  const everything = plural(zone?.settlements ?? 0, {
    one: "The {n} place of the zone",
    other: "All {n} places of the zone",
  });
  return {
    key: "towns",
    name: "towns",
    by: null,
    title: t("Towns of the buffer zone"),
    caption: t("Places of 5,000 recorded people or more"),
    isOpen: true,
    sort: { key: "population", down: true },
    columns: [
      { key: "name", title: t("Place"), value: (row) => row.name ?? nameOf(row), cell: nameCell },
      figure("population", t("People recorded"), ""),
    ],
    rows,
    sums: rows.length
      ? [
          { name: together, population: sum(rows, "population") },
          { name: everything, population: zone.population_recorded, kind: MORE },
        ]
      : [],
    note: rows.some(({ contested }) => contested)
      ? t("Contested: published statements call it so on this day; the line knows no such zone.")
      : "",
  };
}

function settlementsTable({ tables }) {
  const rows = tables.category;
  const keys = ["settlements", "population_recorded", "settlements_population_unknown"];
  const added = Object.fromEntries(keys.map((key) => [key, sum(rows, key)]));
  return {
    key: "people",
    name: "category",
    by: "category",
    title: t("Settlements and people"),
    caption: t("As GeoNames records them, undated"),
    sort: { key: "population_recorded", down: true },
    columns: [
      categoryColumn(new Map()),
      ...peopleColumns(t("Settlements")),
    ],
    rows,
    sums: [{ ...added, name: t("All of Ukraine"), category: null }],
  };
}

// All tables of a bundle, in order; those that have no row are there with none.
export function tablesOf(bundle) {
  return [
    changeTable(bundle),
    leavingTable(bundle),
    oblastTable(bundle),
    partsTable(bundle),
    townsTable(bundle),
    settlementsTable(bundle),
  ];
}

