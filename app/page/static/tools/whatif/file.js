// Reads a file that somebody brings: a line or an area as GeoJSON, or a plan. What is in it is
// checked here first and never leaves this page but as a question to this server.

import { number, t } from "../../core/i18n.js";

const MOST_BYTES = 4 * 2 ** 20;
const MOST_POSITIONS = 50_000;
const MOST_DEPTH = 32;
// The server cuts off what lies beyond 180 degrees, as in an area drawn with all of Russia.
const MOST_LON = 360;
const POINTS = new Set(["Point", "MultiPoint"]);
const DEPTHS = { LineString: 1, MultiLineString: 2, Polygon: 2, MultiPolygon: 3 };
const PLAN_LIKE = /^\s*(\[\[?clause|schema_version|id|title|published)\b/m;

// A file that cannot be used: a sentence for people, and the place where there is one.
export class FileFault extends Error {
  constructor(message, place = null) {
    super(message);
    this.place = place;
  }
}

function shown(value) {
  const text = Array.isArray(value) ? t("a list") : String(JSON.stringify(value) ?? value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

// Geometries with the name of the feature that they belong to, collections opened; a feature without
// a geometry says nothing.
function* geometriesIn(document) {
  const waiting = [[document, "GeoJSON", 1]];
  while (waiting.length) {
    const [value, name, depth] = waiting.pop();
    if (depth > MOST_DEPTH) throw new FileFault(t("{name}: nested too deeply.", { name }));
    const inner = value?.features ?? value?.geometries;
    if (value?.type === "Feature") {
      if (value.geometry) waiting.push([value.geometry, name, depth + 1]);
    } else if (Array.isArray(inner)) {
      const key = value.features ? "features" : "geometries";
      for (let row = inner.length - 1; row >= 0; row -= 1) {
        waiting.push([inner[row], `${key}[${row}]`, depth + 1]);
      }
    } else yield [value, name];
  }
}

function checkPosition(position, row, name) {
  const fits = Array.isArray(position) && position.length >= 2;
  const [lon, lat] = fits ? position : [];
  if (!fits || !Number.isFinite(lon) || !Number.isFinite(lat)) {
    throw new FileFault(
      t("{name}: expected position {row} as [longitude, latitude], two numbers; got {came}.", {
        name,
        row,
        came: shown(position),
      }),
    );
  }
  if (Math.abs(lon) <= MOST_LON && Math.abs(lat) <= 90) return;
  const known = { name, row, lon: shown(lon), lat: shown(lat) };
  if (Math.abs(lon) > 1000 || Math.abs(lat) > 1000) {
    throw new FileFault(
      t(
        "{name}: position {row} is ({lon}, {lat}), which looks like metres. Expected longitude and " +
          "latitude in degrees: reproject to WGS 84 (EPSG:4326).",
        known,
      ),
    );
  }
  throw new FileFault(
    t(
      "{name}: position {row} is ({lon}, {lat}), which is no place. Expected longitude (−180 to 180) " +
        "first, then latitude (−90 to 90), in degrees.",
      known,
    ),
  );
}

// A ring that lacks its last position is closed by the server, as Google Earth does.
function checkList(list, name, { ring }) {
  if (!Array.isArray(list) || list.length < (ring ? 3 : 2)) {
    throw new FileFault(
      ring
        ? t("{name}: expected a ring of at least three positions.", { name })
        : t("{name}: expected a line of at least two positions.", { name }),
    );
  }
  list.forEach((position, row) => checkPosition(position, row, name));
}

// Lists of positions; empty ones are left out.
function listsOf(coordinates, depth, name) {
  if (!Array.isArray(coordinates)) {
    throw new FileFault(t("{name}: there are no coordinates.", { name }));
  }
  if (depth === 1) return coordinates.length ? [coordinates] : [];
  return coordinates.flatMap((inner) => listsOf(inner, depth - 1, name));
}

function isSwapped(lists) {
  const positions = lists.flat();
  const inBox = (lon, lat) => lon > 19 && lon < 44 && lat > 41 && lat < 56;
  if (positions.some(([lon, lat]) => inBox(lon, lat))) return false;
  return positions.filter(([lon, lat]) => inBox(lat, lon)).length > positions.length / 2;
}

function noShape(name, came) {
  const known = { name, came: shown(came) };
  return new FileFault(
    t("{name}: expected lines or polygons; got {came}. Draw a line, or an area of control.", known),
  );
}

function addShape(found, geometry, name) {
  const ring = geometry.type.endsWith("Polygon");
  for (const list of listsOf(geometry.coordinates, DEPTHS[geometry.type], name)) {
    found.positions += list?.length ?? 0;
    if (found.positions > MOST_POSITIONS) {
      const most = number(MOST_POSITIONS);
      throw new FileFault(t("The file has more than {most} positions. Simplify the line.", { most }));
    }
    checkList(list, name, { ring });
    found[ring ? "rings" : "lines"].push(list);
  }
}

// Lines and rings of a document. Points beside them are labels; points alone are a fault.
function gather(document) {
  const found = { lines: [], rings: [], positions: 0 };
  let points = null;
  for (const [geometry, name] of geometriesIn(document)) {
    if (POINTS.has(geometry?.type)) points ??= noShape(name, geometry.type);
    else if (DEPTHS[geometry?.type]) addShape(found, geometry, name);
    else throw noShape(name, geometry?.type ?? geometry);
  }
  if (points && !found.lines.length && !found.rings.length) throw points;
  return found;
}

// Whether the page can tell what the coordinates mean; the server knows every reference system, and
// reads TopoJSON and Esri JSON too.
function isPlain(document) {
  if (typeof document.type !== "string" || document.type === "Topology") return false;
  return !document.crs || /CRS84$|EPSG[:/]+([\d.]*[:/])?4326$/i.test(document.crs.properties?.name ?? "");
}

function isForServer(document) {
  const isMap = typeof document.map?.type === "string"; // the answer of DeepState's API
  return isMap || [document.features, document.rings, document.paths].some(Array.isArray);
}

function readGeoJson(document) {
  if (!isPlain(document)) return { kind: "area", area: document };
  const { lines, rings } = gather(document);
  if (lines.length && rings.length) {
    throw new FileFault(
      t("The file has lines and polygons. Expected either a line of contact or an area of control."),
    );
  }
  if (!lines.length && !rings.length) {
    throw new FileFault(t("The file has no line and no polygon."));
  }
  if (isSwapped([...lines, ...rings])) {
    throw new FileFault(
      t("The axes are swapped: latitude comes first. Expected longitude first (RFC 7946)."),
    );
  }
  const isWide = lines.some((line) => line.some(([lon]) => Math.abs(lon) > 180));
  return lines.length && !isWide ? { kind: "line", lines } : { kind: "area", area: document };
}

// One GeoJSON object a line, or after each record separator (RFC 8142).
function parseSequence(text) {
  const records = text.split(text.includes("\u001e") ? "\u001e" : "\n").filter((one) => one.trim());
  const features = records.map((record) => JSON.parse(record));
  return { type: "FeatureCollection", features };
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    try {
      return parseSequence(text);
    } catch {
      throw error;
    }
  }
}

// Several features may mean different things: which are meant is for the server to tell.
function readWhole(document) {
  const inner = document.map ?? document;
  const several = inner.type === "FeatureCollection" && (inner.features?.length ?? 0) > 1;
  if (!several && !document.map) return readGeoJson(document);
  return { kind: "collection", document, features: inner.features?.length ?? 0 };
}

function readText(text, name) {
  let document = null;
  try {
    document = parseJson(text);
  } catch (error) {
    if (/\.(geo)?json$/i.test(name)) {
      throw new FileFault(t("The file is no valid JSON: {reason}.", { reason: error.message }));
    }
    if (/\.toml$/i.test(name) || PLAN_LIKE.test(text)) return { kind: "plan", plan: `${text}\n` };
    throw new FileFault(
      t(
        "The file is neither GeoJSON nor a plan. Expected a line or polygons as GeoJSON, or a plan as " +
          "TOML or JSON; other formats can be read on the command line: point21 what-if --line FILE.",
      ),
    );
  }
  if (document === null || typeof document !== "object" || Array.isArray(document)) {
    throw new FileFault(t("Expected a JSON object; got {came}.", { came: shown(document) }));
  }
  if (document.clause || document.clauses) return { kind: "plan", plan: document };
  if (typeof document.type !== "string" && !isForServer(document)) {
    throw new FileFault(
      t("The file is JSON, but neither GeoJSON (no type) nor a plan (no clauses)."),
    );
  }
  return readWhole(document);
}

// Text in UTF-8, or as the byte order mark says.
function decode(buffer) {
  const [first, second] = new Uint8Array(buffer);
  const marks = { "255,254": "utf-16le", "254,255": "utf-16be" };
  return new TextDecoder(marks[`${first},${second}`] ?? "utf-8").decode(buffer);
}

// Gives { kind: "line", lines }, { kind: "area", area }, { kind: "collection", document, features }
// or { kind: "plan", plan }, with `name`.
export async function readFile(file) {
  const name = file.name.slice(0, 80);
  if (file.size > MOST_BYTES) {
    const size = number(file.size / 2 ** 20, 1);
    throw new FileFault(t("The file has {size} MB. Expected at most 4 MB: simplify the line.", { size }));
  }
  if (!file.size) throw new FileFault(t("The file is empty."));
  return { name, ...readText(decode(await file.arrayBuffer()), file.name) };
}
