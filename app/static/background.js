// Draws land, neighbouring countries, lakes and rivers; and OpenStreetMap's tiles if asked to.

import { t } from "./language.js";

const TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const CREDIT = "© OpenStreetMap contributors";

const KINDS = ["land", "country", "coast", "lake", "river"];
// Water is drawn over the faces, which know nothing of it.
const WATER = ["lake", "river"];
const LINES = ["coast", "river"];
// How far from the edge of the data a line still runs along it.
const FRAME_DEG = 0.005;

function ringsOf({ type, coordinates }) {
  return type === "Polygon" ? coordinates : coordinates.flat();
}

// The data end at a box. Its edges are no borders: lines along them are left out.
function withoutFrame(rings, [west, south, east, north]) {
  const near = (a, b) => Math.abs(a - b) < FRAME_DEG;
  const along = (a, b, side) => near(a, side) && near(b, side);
  const onFrame = ([ax, ay], [bx, by]) =>
    [west, east].some((side) => along(ax, bx, side)) ||
    [south, north].some((side) => along(ay, by, side));
  const lines = [];
  for (const ring of rings) {
    let line = null;
    for (let i = 1; i < ring.length; i += 1) {
      if (onFrame(ring[i - 1], ring[i])) line = null;
      else if (line) line.push(ring[i]);
      else lines.push((line = [ring[i - 1], ring[i]]));
    }
  }
  return lines;
}

function frameOf(rings) {
  const xs = rings.flat().map(([x]) => x);
  const ys = rings.flat().map(([, y]) => y);
  const least = (values) => values.reduce((a, b) => Math.min(a, b));
  const most = (values) => values.reduce((a, b) => Math.max(a, b));
  return [least(xs), least(ys), most(xs), most(ys)];
}

export function openBackground(map, stack, { onTrouble }) {
  let tiles = null;

  function showBorders(countries, frame) {
    const lines = withoutFrame(
      countries.flatMap(({ geometry }) => ringsOf(geometry)),
      frame,
    );
    const turned = lines.map((line) => line.map(([lon, lat]) => [lat, lon]));
    stack.line("ground", "ground ground--border").addTo(map).setLatLngs(turned);
  }

  function show(background) {
    const land = background.features.filter(({ properties }) => properties.layer === "land");
    const frame = frameOf(land.flatMap(({ geometry }) => ringsOf(geometry)));
    const [west, south, east, north] = frame;
    const corners = [
      [south, west],
      [north, east],
    ];
    stack.place(L.rectangle(corners, stack.options("ground ground--sea")), "ground").addTo(map);
    const style = ({ properties: { layer } }) =>
      stack.options(`ground ground--${layer}`, { fill: !LINES.includes(layer) });
    for (const kind of KINDS) {
      const features = background.features.filter(({ properties }) => properties.layer === kind);
      const level = WATER.includes(kind) ? "water" : "ground";
      if (kind === "country") showBorders(features, frame);
      else {
        L.geoJSON(features, { style }).eachLayer((path) => stack.place(path, level).addTo(map));
      }
    }
  }

  // The credit that the tiles' licence asks for is on the map as long as they are.
  function showTiles(visible) {
    tiles ??= (() => {
      const layer = L.tileLayer(TILES, { attribution: CREDIT, maxZoom: 19 });
      const credit = L.control.attribution({ prefix: false });
      layer.on("add", () => credit.addTo(map)).on("remove", () => credit.remove());
      layer.on("tileerror", () =>
        onTrouble(t("OpenStreetMap cannot be reached; the map goes on without.")),
      );
      return layer;
    })();
    if (visible) tiles.addTo(map);
    else tiles.remove();
  }

  return { show, showTiles };
}
