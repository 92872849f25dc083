// What a file without a server can say of a place: it carries the areas and the larger towns.

import { t } from "../../core/i18n.js";
import { parsePosition } from "../search/coordinates.js";
import { searchNames } from "../search/spelling.js";

const EARTH_KM = 6371;
const AT_THE_PLACE_KM = 0.1;
const FAR_OUTSIDE_KM = 6;
const COMPARED = ["category", "recognised_as", "forces_allowed", "change"];

const radians = (degrees) => (degrees * Math.PI) / 180;

export function distanceKm(a, b) {
  const half =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.sqrt(half));
}

function ringsOf({ type, coordinates }) {
  return type === "Polygon" ? coordinates : coordinates.flat();
}

// Even or odd: inside as many rings as outside means outside.
export function isInside(geometry, { lon, lat }) {
  let inside = false;
  for (const ring of ringsOf(geometry)) {
    for (let i = 1; i < ring.length; i += 1) {
      const [[x1, y1], [x2, y2]] = [ring[i - 1], ring[i]];
      if (y1 > lat !== y2 > lat && lon < x1 + ((lat - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
    }
  }
  return inside;
}

// To the line as drawn, in a plane around the position: good to the width of the line on a screen.
function distanceToLine({ type, coordinates }, { lon, lat }) {
  const perLon = radians(1) * EARTH_KM * Math.cos(radians(lat));
  const perLat = radians(1) * EARTH_KM;
  let best = Infinity;
  for (const line of type === "LineString" ? [coordinates] : coordinates) {
    for (let i = 1; i < line.length; i += 1) {
      const [ax, ay] = [(line[i - 1][0] - lon) * perLon, (line[i - 1][1] - lat) * perLat];
      const [bx, by] = [(line[i][0] - lon) * perLon, (line[i][1] - lat) * perLat];
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      const along = length ? Math.min(1, Math.max(0, -(ax * (bx - ax) + ay * (by - ay)) / length)) : 0;
      best = Math.min(best, Math.hypot(ax + along * (bx - ax), ay + along * (by - ay)));
    }
  }
  return Number.isFinite(best) ? best : null;
}

// Whether a position is so far from every area as drawn that no tolerance reaches it.
export function isFarOutside(bundle, at) {
  return bundle.faces.features.every(({ geometry }) => {
    if (isInside(geometry, at)) return false;
    const rings = { type: "MultiLineString", coordinates: ringsOf(geometry) };
    return distanceToLine(rings, at) > FAR_OUTSIDE_KM;
  });
}

export function outsideError() {
  return Object.assign(new Error("outside"), { outside: true });
}

function townNear(towns, at, heldBy) {
  const near = towns
    .filter((town) => town.held_by === heldBy)
    .map((town) => ({ ...town, observed_as: town.held_by, distance_km: distanceKm(at, town) }))
    .sort((a, b) => a.distance_km - b.distance_km)[0];
  if (!near) return {};
  return near.distance_km <= AT_THE_PLACE_KM ? { place: near } : { near };
}

// The same area in the other plans that the file carries, where it fares otherwise.
function otherPlans(bundles, bundle, face) {
  return bundles
    .filter(({ identity }) => identity.plan !== bundle.identity.plan)
    .filter(({ identity, plan }) => identity.date === bundle.identity.date && plan.basis === "published")
    .flatMap(({ plan, faces }) => {
      const same = faces.features
        .map(({ properties }) => properties)
        .find(({ oblast, held_by: side }) => oblast === face.oblast && side === face.held_by);
      if (!same || COMPARED.every((key) => same[key] === face[key])) return [];
      const clauses = plan.clauses.filter(({ id }) => same.clauses.includes(id));
      return [{ ...same, plan: plan.id, title: plan.title_short, readings: {}, question: "", clauses }];
    });
}

// What the server says at /api/locate, as far as it is known here.
export function locateCarried(bundles, bundle, at) {
  const face = bundle.faces.features.find(({ geometry }) => isInside(geometry, at))?.properties;
  if (!face) throw outsideError();
  return {
    ...face,
    ...at,
    ...townNear(bundle.towns, at, face.held_by),
    distance_to_line_km: distanceToLine(bundle.contact_line.geometry, at),
    approximate: true,
    alternatives: otherPlans(bundles, bundle, face),
  };
}

// Oblasts and the towns that the file carries; it says how few they are where it finds none.
export function findCarried(bundle, text, limit) {
  const position = parsePosition(text);
  if (position) {
    const name = `${position.lat}, ${position.lon}`;
    const face = bundle.faces.features.find(({ geometry }) => isInside(geometry, position));
    const { oblast, name_en: english, name_uk: ukrainian } = face?.properties ?? {};
    const where = { oblast, oblast_name_en: english, oblast_name_uk: ukrainian };
    return [{ kind: "position", name_en: name, name_uk: name, ...position, ...where }];
  }
  const units = new Map(bundle.oblasts.map((unit) => [unit.id, unit]));
  const oblasts = bundle.oblasts.map((unit) => ({
    ...{ kind: "oblast", oblast: unit.id, name_en: unit.name_en, name_uk: unit.name_uk },
    ...{ lon: unit.label_lon, lat: unit.label_lat, population: 1e6 },
  }));
  const towns = bundle.towns.map((town) => ({
    ...town,
    kind: "place",
    oblast_name_en: units.get(town.oblast)?.name_en,
    oblast_name_uk: units.get(town.oblast)?.name_uk,
  }));
  const found = searchNames([...towns, ...oblasts], text, limit);
  if (!found.length) {
    const words = t("This file carries the {n} largest towns only, none of a name like this.", {
      n: towns.length,
    });
    throw new Error(words);
  }
  return found.map((match) => (match.kind === "oblast" ? { ...match, population: null } : match));
}
