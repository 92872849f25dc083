// Asks for the second settlement, for what goes where, and for the land that differs. Where both
// divide the country alike, the land is faces that the map has already.

import { t } from "../../core/i18n.js";
import { KINDS, referenceOf } from "./link.js";

const ORDER = {
  category: [
    "de_facto_recognized",
    "frozen",
    "buffer_zone",
    "relinquished",
    "retained",
    "not_settled",
  ],
  recognised_as: [
    "ukraine",
    "russia_de_facto",
    "russia_de_facto_along_line",
    "russia_international",
    "not_stated",
  ],
  forces_allowed: ["ukraine", "russia", "none"],
  held_by: ["ukraine", "russia"],
};
const ALIKE = 1e-9;

// Why there is no answer, with a sentence for people, as the page's other requests tell it.
function refusal(message) {
  return Object.assign(new Error(message), { problem: null });
}

// Faces of two bundles, oblast and holder the same: [[properties in a, in b, geometry], …]; null if
// the two do not divide the country alike.
export function pairFaces(a, b) {
  const key = ({ oblast, held_by: heldBy }) => `${oblast} ${heldBy}`;
  const others = new Map(b.faces.features.map((face) => [key(face.properties), face.properties]));
  const pairs = a.faces.features.map(({ properties, geometry }) => [
    properties,
    others.get(key(properties)),
    geometry,
  ]);
  const isAlike = ([one, other]) =>
    other && Math.abs(one.area_km2 - other.area_km2) <= ALIKE * one.area_km2;
  return pairs.length === others.size && pairs.every(isAlike) ? pairs : null;
}

// Land that is one thing in a and another in b, by oblast and pair.
export function differencesOf(pairs, by) {
  const found = new Map();
  for (const [one, other, geometry] of pairs) {
    if (one[by] === other[by]) continue;
    const key = `${one.oblast} ${one[by]} ${other[by]}`;
    const item = { oblast: one.oblast, before: one[by], after: other[by], area_km2: 0, shapes: [] };
    if (!found.has(key)) found.set(key, item);
    found.get(key).area_km2 += one.area_km2;
    found.get(key).shapes.push(geometry);
  }
  return [...found.values()];
}

function matrixOf(pairs, by) {
  const occurs = (kind) => pairs.some(([one, other]) => one[by] === kind || other[by] === kind);
  const kinds = ORDER[by].filter((kind) => kind !== "not_settled" || occurs(kind));
  const lines = kinds.map((row) => [row, Object.fromEntries(kinds.map((kind) => [kind, 0]))]);
  const matrix = Object.fromEntries(lines);
  for (const [one, other] of pairs) matrix[one[by]][other[by]] += one.area_km2;
  return matrix;
}

function townsThatDiffer(a, b) {
  const key = ({ name_uk: name, lon, lat }) => `${name} ${lon} ${lat}`;
  const others = new Map(b.towns.map((town) => [key(town), town]));
  return a.towns.flatMap((town) => {
    const other = others.get(key(town));
    if (!other || other.category === town.category) return [];
    return [{ ...town, category_a: town.category, category_b: other.category }];
  });
}

// The comparison of two bundles of one line, in the form of GET /api/compare, as far as the page
// can tell: of places it knows those that the map names.
export function compareFaces(a, b) {
  const pairs = pairFaces(a, b);
  if (!pairs) {
    throw refusal(
      t("This file cannot cut two different lines into pieces; that needs the server."),
    );
  }
  const moved = (by) => differencesOf(pairs, by).reduce((sum, { area_km2: area }) => sum + area, 0);
  const places = townsThatDiffer(a, b);
  return {
    ...Object.fromEntries(KINDS.map((by) => [by, matrixOf(pairs, by)])),
    moved_km2: Object.fromEntries(KINDS.map((by) => [by, moved(by)])),
    same_partition: true,
    settlements: { places, named_only: true },
  };
}

export function isServed({ config }) {
  return config.mode === "served";
}

// Where the API answers the same.
export function addressOf(instrument, a, b, more = {}) {
  const [one, other] = [a, b].map((state) => referenceOf(state, instrument.query));
  return `api/compare?${new URLSearchParams({ a: one, b: other, ...more })}`;
}

function asDifference({ properties: is, geometry }, by) {
  const [before, after] = [is[`${by}_a`], is[`${by}_b`]];
  return { oblast: is.oblast, before, after, area_km2: is.area_km2, shapes: [geometry] };
}

// Two settlements, as far as it takes to show them: { a, b } bundles, and the comparison.
export async function loadComparison(instrument, a, b, signal) {
  const one = instrument.bundle();
  const [other, compared] = await Promise.all([
    instrument.load({ ...b, lang: a.lang }, { signal }),
    isServed(instrument) ? instrument.getJson(addressOf(instrument, a, b), { signal }) : null,
  ]);
  return { a: one, b: other, comparison: compared ?? compareFaces(one, other) };
}

// The land that differs, its areas those of the full geometry.
export async function loadDifferences(instrument, { a, b, comparison }, states, by, signal) {
  const pairs = comparison.same_partition ? pairFaces(a, b) : null;
  if (pairs) return differencesOf(pairs, by);
  const address = addressOf(instrument, ...states, { by, format: "geojson" });
  const { features } = await instrument.getJson(address, { signal });
  return features.map((feature) => asDifference(feature, by));
}
