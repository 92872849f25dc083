// The named towns of the buffer zone, with the population recorded for them.

import { byId, el } from "./dom.js";
import { plural, t } from "./language.js";
import { table } from "./table.js";
import { nameOf, whole } from "./words.js";

const BUFFER = "buffer_zone";
const CONTESTED = t(
  "Contested: published statements call it so on this day; the line knows no such zone.",
);

function nameCell(row) {
  if (row.total || !row.contested) return nameOf(row);
  return el("span", {}, nameOf(row), " ", el("em", {}, t("(contested)")));
}

export function showTowns({ towns, tables }) {
  const named = towns.filter(({ category }) => category === BUFFER);
  byId("statistics-towns").hidden = !named.length;
  const all = tables.category.find(({ category }) => category === BUFFER);
  const sum = named.reduce((total, { population }) => total + (population ?? 0), 0);
  const rows = [
    ...named,
    { name_en: plural(named.length, {
        one: "This {n} place",
        other: "These {n} together",
      }), population: sum, total: true },
    {
      name_en: plural(all.settlements, {
        one: "The only place of the zone",
        other: "All {n} places of the zone",
      }),
      population: all.population_recorded,
      total: true,
    },
  ];
  table(
    "towns",
    [
      { title: t("Place"), cell: nameCell },
      { title: t("People recorded"), number: true, cell: (row) => whole(row.population) },
    ],
    rows,
  );
  byId("note-towns").textContent = named.some(({ contested }) => contested) ? CONTESTED : "";
}
