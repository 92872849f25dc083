// The picture of the first view that the page comes with. It is painted before Leaflet is there;
// its paths are where the page keeps their geometry, in whole steps of Web Mercator.
//
// begin(config, painted, start) runs start() once Leaflet is there and the picture painted. Whoever
// draws the same in Leaflet's way takes the picture away with removePicture(), in the same task.

import { byId } from "../core/dom.js";
import { t } from "../core/i18n.js";

const WORLD = 2 ** 20;
const TILE_PX = 256;
const DIGITS = 1e5;
const GROUND_LEVELS = ["ground", "water"];
const FILLED = ["ground--sea", "ground--land", "ground--lake"];
// A frame comes at once, unless nobody looks: browsers paint no page in the background.
const FRAME_PATIENCE_MS = 400;

const round = (value) => Math.round(value * DIGITS) / DIGITS;

function toPosition(x, y) {
  const lat = Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / WORLD)));
  return [round((x / WORLD) * 360 - 180), round((lat * 180) / Math.PI)];
}

// Polygons as lists of rings, or lines as lists of one: M begins a new one, m a hole.
function readPath(node) {
  const shapes = [];
  let x = 0;
  let y = 0;
  for (const [, letter, text] of node.getAttribute("d").matchAll(/([Mm])([^Mm]*)/g)) {
    const values = text.match(/-?\d+/g);
    if (letter === "M") [x, y] = [0, 0];
    const run = [];
    let [fromX, fromY] = [x, y];
    for (let i = 0; i < values.length; i += 2) {
      fromX += Number(values[i]);
      fromY += Number(values[i + 1]);
      if (i === 0) [x, y] = [fromX, fromY];
      run.push(toPosition(fromX, fromY));
    }
    if (text.endsWith("z")) run.push(run[0]);
    if (letter === "M") shapes.push([run]);
    else shapes.at(-1).push(run);
  }
  return shapes;
}

function polygonal(shapes) {
  if (shapes.length === 1) return { type: "Polygon", coordinates: shapes[0] };
  return { type: "MultiPolygon", coordinates: shapes };
}

function readGround(picture) {
  return GROUND_LEVELS.flatMap((level) =>
    [...picture.querySelectorAll(`.level--${level} path`)].map((path) => ({
      level,
      className: path.getAttribute("class"),
      filled: FILLED.some((name) => path.classList.contains(name)),
      shapes: readPath(path),
    })),
  );
}

let read = null;

// What the picture shows: GeoJSON geometry of faces by key ("UA-14 ukraine") and of the line; the
// ground as { level, className, filled, shapes }, a shape being a list of rings or of one line.
export function readPicture() {
  if (read) return read;
  const picture = byId("picture");
  const faces = [...picture.querySelectorAll("path[data-key]")].map((path) => [
    path.dataset.key,
    polygonal(readPath(path)),
  ]);
  const line = picture.querySelector("path.front");
  read = {
    faces: new Map(faces),
    line: { type: "MultiLineString", coordinates: line ? readPath(line).flat() : [] },
    ground: readGround(picture),
  };
  return read;
}

export function removePicture() {
  byId("picture")?.remove();
}

function project([lat, lon]) {
  const sin = Math.sin((lat * Math.PI) / 180);
  return [(lon / 360 + 0.5) * WORLD, (0.5 - Math.atanh(sin) / (2 * Math.PI)) * WORLD];
}

// The view that Leaflet's fitBounds will choose, with the steps of zoom that Folium's map has.
function fit({ bounds, padding, snap }, width, height) {
  const [[west, south], [east, north]] = bounds.map(project);
  const stepsPerPixel = Math.max(
    (east - west) / (width - 2 * padding),
    (south - north) / (height - 2 * padding),
  );
  const free = Math.log2(WORLD / TILE_PX / stepsPerPixel);
  const near = Math.round((free * 100) / snap) * (snap / 100);
  const zoom = Math.floor(near / snap) * snap;
  const scale = WORLD / TILE_PX / 2 ** zoom;
  return {
    scale,
    left: Math.round((west + east) / 2 / scale - width / 2) * scale,
    top: Math.round((south + north) / 2 / scale - height / 2) * scale,
  };
}

// Puts the picture where Leaflet will put the map, so that nothing moves when it takes over. It is
// styled and laid out once, when its place is known: measure() tells the map's size without it.
export function placePicture(measure) {
  const picture = byId("picture");
  picture.style.display = "none";
  const { view, width, height } = measure();
  picture.style.display = "";
  if (!width || !height) return;
  const { scale, left, top } = fit(view, width, height);
  picture.style.setProperty("--px", scale);
  picture.setAttribute("viewBox", [left, top, width * scale, height * scale].join(" "));
  for (const pattern of picture.querySelectorAll("pattern")) {
    const moved = `translate(${left} ${top}) scale(${scale})${pattern.dataset.turned}`;
    pattern.setAttribute("patternTransform", moved);
  }
}

// The next frame has been painted, or nobody looks.
export function afterPainting() {
  return new Promise((resolve) => {
    const patience = setTimeout(resolve, document.hidden ? 0 : FRAME_PATIENCE_MS);
    const done = () => {
      clearTimeout(patience);
      setTimeout(resolve);
    };
    requestAnimationFrame(() => requestAnimationFrame(done));
  });
}

function loaded(node, place_) {
  return new Promise((resolve, reject) => {
    node.addEventListener("load", resolve);
    node.addEventListener("error", reject);
    place_(node);
  });
}

function loadLeaflet({ script, styles }) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: styles });
  const code = Object.assign(document.createElement("script"), { src: script });
  // Its styles come before ours, which change some of them.
  return Promise.all([
    loaded(link, (node) => document.head.prepend(node)),
    loaded(code, (node) => document.head.append(node)),
  ]);
}

// Leaflet is there already where Folium has put it into the head, for what others add to the map.
export async function begin(config, painted, start) {
  if (!window.L) {
    await painted;
    try {
      await loadLeaflet(config.leaflet);
    } catch {
      byId("status").textContent = t("The map could not be loaded: this is a still picture of it.");
      return;
    }
    window.drawFoliumMap();
  }
  start();
}
