// The figures of a comparison as tables: what goes where, by oblast, and the places that differ.

import { el, swatch } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { nameOf, shortName, whole } from "../../core/format.js";
import { labelOf, pairWords, shortLabel } from "./words.js";

const FIRST_PLACES = 40;

function sumOf(values) {
  return values.reduce((total, value) => total + value, 0);
}

function marked(by, key, text) {
  return by === "category" ? el("span", { class: "with-swatch" }, swatch(key), text) : text;
}

// A figure that differs is a button: it shows the land on the map.
function cell(by, before, after, area, { sides, onPick }) {
  if (before === after || area === 0) {
    const kind = before === after ? "number same" : "number";
    return el("td", { class: kind, "data-pair": `${before} ${after}` }, whole(area));
  }
  const button = el("button", { type: "button", "aria-pressed": "false" }, whole(area));
  const words = pairWords(by, { before, after }, sides);
  const label = t("{area} km², {words}: show on the map", { area: whole(area), words });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => onPick({ before, after }));
  return el("td", { class: "number", "data-pair": `${before} ${after}` }, button);
}

// Rows are what A has at all, columns what B has.
function occurring(matrix) {
  const kinds = Object.keys(matrix);
  const ofA = (kind) => sumOf(Object.values(matrix[kind]));
  const ofB = (kind) => sumOf(kinds.map((before) => matrix[before][kind]));
  return {
    rows: kinds.filter((kind) => ofA(kind) > 0),
    columns: kinds.filter((kind) => ofB(kind) > 0),
    ofA,
    ofB,
  };
}

function matrixHead(by, columns, sides) {
  const heads = columns.map((kind) => {
    const full = labelOf(by, kind, sides);
    const label = marked(by, kind, el("span", {}, shortLabel(by, kind)));
    return el("th", { scope: "col", class: "number", abbr: full, title: full }, label);
  });
  const corner = el("th", { scope: "col" }, t("in A ↓, in B →"));
  const last = el("th", { scope: "col", class: "number" }, t("A in all"));
  return el("thead", {}, el("tr", {}, corner, ...heads, last));
}

export function matrixTable(by, sides, onPick) {
  const matrix = sides.comparison[by];
  const { rows, columns, ofA, ofB } = occurring(matrix);
  const figure = (area) => el("td", { class: "number" }, whole(area));
  const lines = rows.map((before) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, marked(by, before, el("span", {}, labelOf(by, before, sides)))),
      ...columns.map((after) => cell(by, before, after, matrix[before][after], { sides, onPick })),
      figure(ofA(before)),
    ),
  );
  const total = el(
    "tr",
    { class: "total" },
    el("th", { scope: "row" }, t("B in all")),
    ...columns.map((kind) => figure(ofB(kind))),
    figure(sumOf(columns.map(ofB))),
  );
  const caption = t("Transfer matrix, km²: a row is what land is in A, a column what it is in B");
  return el(
    "table",
    { class: "compare-matrix" },
    el("caption", {}, caption),
    matrixHead(by, columns, sides),
    el("tbody", {}, ...lines, total),
  );
}

function headRow(...titles) {
  return el(
    "thead",
    {},
    el(
      "tr",
      {},
      ...titles.map(([text, kind]) => el("th", { scope: "col", class: kind ?? null }, text)),
    ),
  );
}

function oblastRow(by, difference, { sides, names, onPick }) {
  const { oblast, before, after, area_km2: area } = difference;
  const name = names.get(oblast) ?? oblast;
  const button = el("button", { type: "button", "aria-pressed": "false" }, whole(area));
  const words = t("{name}, {area} km²: show on the map", { name, area: whole(area) });
  button.setAttribute("aria-label", words);
  button.addEventListener("click", () => onPick({ before, after, oblast }));
  const data = { "data-pair": `${before} ${after}`, "data-oblast": oblast };
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, name),
    el("td", {}, labelOf(by, before, sides)),
    el("td", {}, labelOf(by, after, sides)),
    el("td", { class: "number", ...data }, button),
  );
}

function namesOf({ oblasts }) {
  return new Map(oblasts.map((oblast) => [oblast.id, shortName(nameOf(oblast))]));
}

export function oblastTable(by, sides, differences, onPick) {
  const given = { sides, names: namesOf(sides.a), onPick };
  const rows = [...differences]
    .sort((one, other) => other.area_km2 - one.area_km2)
    .map((difference) => oblastRow(by, difference, given));
  const head = headRow([t("Oblast")], [t("In A")], [t("In B")], ["km²", "number"]);
  return el("table", { class: "compare-oblasts" }, head, el("tbody", {}, ...rows));
}

function placeRow(place, sides, names) {
  const kind = place.category_a === place.category_b && place.held_by_a ? "held_by" : "category";
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      nameOf(place),
      el("span", { class: "compare-where" }, names.get(place.oblast) ?? place.oblast),
    ),
    el("td", {}, labelOf(kind, place[`${kind}_a`], sides)),
    el("td", {}, labelOf(kind, place[`${kind}_b`], sides)),
    el("td", { class: "number" }, whole(place.population)),
  );
}

// The most populous places first; all of them on request.
export function placesTable(sides) {
  const { places } = sides.comparison.settlements;
  const names = namesOf(sides.a);
  const body = el("tbody");
  const fill = (some) => body.append(...some.map((place) => placeRow(place, sides, names)));
  fill(places.slice(0, FIRST_PLACES));
  const head = headRow(
    [t("Place and oblast")],
    [t("In A")],
    [t("In B")],
    [t("People recorded"), "number"],
  );
  const table = el("table", { class: "compare-places" }, head, body);
  if (places.length <= FIRST_PLACES) return [table];
  const words = t("Show all {count} places", { count: whole(places.length) });
  const more = el("button", { type: "button" }, words);
  more.addEventListener("click", () => {
    fill(places.slice(FIRST_PLACES));
    more.remove();
  });
  return [table, more];
}
