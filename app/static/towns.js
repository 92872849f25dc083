// The named towns of the buffer zone, with the population recorded for them.

import { byId, el } from "./dom.js";
import { table } from "./table.js";
import { whole } from "./words.js";

const BUFFER = "buffer_zone";
const CONTESTED =
  "Contested: published statements call it so on this day; the line knows no such zone.";

function nameCell({ name_en: name, contested, total }) {
  if (total || !contested) return name;
  return el("span", {}, name, " ", el("em", {}, "(contested)"));
}

export function showTowns({ towns, tables }) {
  const named = towns.filter(({ category }) => category === BUFFER);
  byId("statistics-towns").hidden = !named.length;
  const all = tables.category.find(({ category }) => category === BUFFER);
  const sum = named.reduce((total, { population }) => total + (population ?? 0), 0);
  const rows = [
    ...named,
    { name_en: `These ${named.length} together`, population: sum, total: true },
    {
      name_en: `All ${whole(all.settlements)} places of the zone`,
      population: all.population_recorded,
      total: true,
    },
  ];
  table(
    "towns",
    [
      { title: "Place", cell: nameCell },
      { title: "People recorded", number: true, cell: (row) => whole(row.population) },
    ],
    rows,
  );
  byId("note-towns").textContent = named.some(({ contested }) => contested) ? CONTESTED : "";
}
