// The map as it is shown, drawn anew as an SVG of its own: nothing in it points elsewhere.

import { svg } from "../../core/dom.js";
import { labelsOf, populationAt } from "../../map/labels.js";
import { outlineOf } from "../../map/outline.js";
import { placeLabels } from "../../map/label_placement.js";

export const FONT = 'Arial, "Liberation Sans", "DejaVu Sans", sans-serif';

const WORLD_PX = 256;
const MARGIN_PX = 60;
const SIZES = { oblast: 15, city: 15, town: 13 };
const SPACING_PX = 1;
const KM_PER_DEG = 111.32;
const SCALE_STEPS_KM = [500, 200, 100, 50, 20, 10, 5, 2];
const SCALE_MAX_PX = 200;
const TILES = "tiles";

// Colours by the names of palette.css.
const GROUND = {
  sea: { fill: "sea" },
  land: { fill: "land" },
  border: { stroke: "neighbour", "stroke-width": 1.2 },
  coast: { stroke: "water", "stroke-width": 1 },
  lake: { fill: "water", "fill-opacity": 0.75 },
  river: { stroke: "water", "stroke-width": 1.3, "stroke-opacity": 0.85 },
};

// The light palette, whatever the reader prefers: a picture is for paper and for others' pages.
export function lightColours() {
  const colours = {};
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.ownerNode.tagName === "STYLE" ? sheet.cssRules : []) {
      if (rule.selectorText !== ":root" || !rule.style.getPropertyValue("--sea")) continue;
      const names = [...rule.style].filter((name) => name.startsWith("--"));
      for (const name of names) colours[name.slice(2)] = rule.style.getPropertyValue(name).trim();
    }
  }
  return colours;
}

const measure = document.createElement("canvas").getContext("2d");
export function widthOf(text, size, weight = 400) {
  measure.font = `${weight} ${size}px ${FONT}`;
  return measure.measureText(text).width;
}

function project(lon, lat) {
  const sin = Math.sin((lat * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.atanh(sin) / (2 * Math.PI)];
}

// Which part of the world is drawn, and how large: all that the map shows, in its middle.
function frameOf({ map, config }, { width, least, most }) {
  const { x: wide, y: high } = map.getSize();
  const bounds = wide && high ? map.getBounds() : L.latLngBounds(config.bounds);
  const [west, north] = project(bounds.getWest(), bounds.getNorth());
  const [east, south] = project(bounds.getEast(), bounds.getSouth());
  const height = Math.min(most, Math.max(least, (width * (south - north)) / (east - west)));
  const scale = Math.min(width / (east - west), height / (south - north));
  const left = ((west + east) / 2) * scale - width / 2;
  const top = ((north + south) / 2) * scale - height / 2;
  const lat = bounds.getCenter().lat;
  const kmPerPixel = (360 * KM_PER_DEG * Math.cos((lat * Math.PI) / 180)) / scale;
  return {
    ...{ width, height, kmPerPixel },
    zoom: Math.log2(scale / WORLD_PX),
    at(lon, lat_) {
      const [x, y] = project(lon, lat_);
      return [x * scale - left, y * scale - top];
    },
  };
}

function runOf(run, frame) {
  let last = "";
  const points = [];
  let isNear = false;
  for (const [lon, lat] of run) {
    const [x, y] = frame.at(lon, lat);
    isNear ||= x > -MARGIN_PX && x < frame.width + MARGIN_PX;
    const text = `${x.toFixed(1)} ${y.toFixed(1)}`;
    if (text !== last) points.push(text);
    last = text;
  }
  return isNear || points.length > 4 ? points : [];
}

// The `d` of lines, or of rings when closed.
function pathOf(runs, frame, closed) {
  return runs
    .map((run) => runOf(run, frame))
    .filter((points) => points.length > 1)
    .map((points) => `M${points.join("L")}${closed ? "Z" : ""}`)
    .join("");
}

function polygonsOf({ type, coordinates }) {
  return type === "Polygon" ? coordinates : coordinates.flat();
}

function linesOf({ type, coordinates }) {
  return type === "LineString" ? [coordinates] : coordinates;
}

function painted(style, colours) {
  const paint = { fill: "none", stroke: "none", ...style };
  for (const part of ["fill", "stroke"]) paint[part] = colours[paint[part]] ?? paint[part];
  return paint;
}

function groundPaths(ground, level, frame, colours) {
  return ground
    .filter((part) => part.level === level)
    .map(({ className, filled, shapes }) => {
      const kind = className.match(/ground--(\w+)/)[1];
      const d = pathOf(shapes.flat(), frame, filled);
      return svg("path", { class: kind, d, ...painted(GROUND[kind], colours) });
    });
}

// The page's own patterns, with their colours written into them.
export function patternsOf(categories, colours) {
  return categories.map((category) => {
    const pattern = document.getElementById(`pattern-${category}`).cloneNode(true);
    pattern.removeAttribute("class");
    pattern.id = `fill-${category}`;
    for (const part of pattern.querySelectorAll("[class]")) {
      part.setAttribute("fill", colours[`${category}-${part.getAttribute("class")}`]);
      part.removeAttribute("class");
    }
    return pattern;
  });
}

function facePaths({ faces }, isShown, frame, colours) {
  const stroke = isShown("oblasts") ? colours.border : "none";
  return faces.features
    .filter(({ properties }) => isShown(properties.category))
    .map(({ properties, geometry }) =>
      svg("path", {
        "data-oblast": properties.oblast,
        "data-category": properties.category,
        "data-held-by": properties.held_by,
        d: pathOf(polygonsOf(geometry), frame, true),
        fill: `url(#fill-${properties.category})`,
        "fill-rule": "evenodd",
        ...{ stroke, "stroke-width": 1.1, "stroke-linejoin": "round" },
      }),
    );
}

function linePaths(bundle, isShown, frame, colours) {
  const turned = outlineOf(bundle.faces).map((run) => run.map(([lat, lon]) => [lon, lat]));
  const round = { fill: "none", "stroke-linejoin": "round", "stroke-linecap": "round" };
  const outline = { d: pathOf(turned, frame, false), stroke: colours.outline, "stroke-width": 1.8 };
  const paths = [svg("path", { class: "country", ...round, ...outline })];
  if (!isShown("line")) return paths;
  const d = pathOf(linesOf(bundle.contact_line.geometry), frame, false);
  const casing = { stroke: colours.casing, "stroke-width": 6, "stroke-opacity": 0.85 };
  const front = { stroke: colours.front, "stroke-width": 3 };
  paths.push(svg("path", { ...round, ...casing, d }));
  paths.push(svg("path", { class: "line", ...round, ...front, d }));
  return paths;
}

// Twice, for a pale rim that every program draws below the letters.
function rimmed(text, attributes, colours) {
  const rim = { stroke: colours.casing, "stroke-width": 3.5, "stroke-linejoin": "round" };
  return [
    svg("text", { ...attributes, ...rim, "aria-hidden": "true" }, text),
    svg("text", { ...attributes, class: "place-name" }, text),
  ];
}

function labelNodes({ kind, text, left, top, x, y, dot, height }, colours) {
  const attributes = {
    x: left.toFixed(1),
    y: (top + 0.8 * height).toFixed(1),
    "font-size": SIZES[kind],
    "font-weight": kind === "town" ? 400 : 600,
    "letter-spacing": kind === "oblast" ? SPACING_PX : null,
    fill: kind === "oblast" ? colours["label-soft"] : colours.label,
  };
  const nodes = rimmed(text, attributes, colours);
  const point = { cx: x.toFixed(1), cy: y.toFixed(1), r: kind === "city" ? 3.6 : 3 };
  const rim = { stroke: colours.casing, "stroke-width": 1.2 };
  if (dot) nodes.push(svg("circle", { ...point, ...rim, fill: colours.label }));
  return nodes;
}

function namesOf(bundle, isShown, frame, colours) {
  const { wanted, signs } = labelsOf(bundle);
  const least = populationAt(frame.zoom);
  const isInside = ({ left, top, width, height }) =>
    left > 2 && top > 2 && left + width < frame.width - 2 && top + height < frame.height - 2;
  const candidates = wanted
    .filter((label) => isShown(label.group))
    .filter((label) => (label.dot ? label.weight >= least : frame.zoom >= label.least))
    .map((label) => {
      const [x, y] = frame.at(label.at.lng, label.at.lat);
      const size = SIZES[label.kind];
      const spacing = label.dot ? 0 : SPACING_PX * label.text.length;
      const width = widthOf(label.text, size, label.kind === "town" ? 400 : 600) + spacing + 2;
      return { ...label, x, y, width, height: 1.25 * size };
    });
  const taken = signs.map(({ lat, lng }) => {
    const [x, y] = frame.at(lng, lat);
    return { x, y, left: x - 12, right: x + 12, top: y - 12, bottom: y + 12 };
  });
  const diamonds = taken.map(({ x, y }) => {
    const look = { fill: colours.paper, stroke: colours.front, "stroke-width": 3 };
    const turn = `rotate(45 ${x.toFixed(1)} ${y.toFixed(1)})`;
    const box = { x: (x - 6).toFixed(1), y: (y - 6).toFixed(1), width: 12, height: 12 };
    return svg("rect", { class: "sign", ...box, ...look, transform: turn });
  });
  const placed = placeLabels(candidates, taken).filter(isInside);
  return [...diamonds, ...placed.flatMap((label) => labelNodes(label, colours))];
}

function scaleBar({ kmPerPixel, height }, words, colours) {
  const km = SCALE_STEPS_KM.find((step) => step / kmPerPixel <= SCALE_MAX_PX) ?? 1;
  const [x, y] = [16, height - 16];
  const line = `M${x} ${y - 7}v7h${(km / kmPerPixel).toFixed(1)}v-7`;
  const look = { fill: "none", stroke: colours.ink, "stroke-width": 1.5 };
  const text = { x: x + 6, y: y - 6, "font-size": 13, fill: colours.ink };
  return [svg("path", { d: line, ...look }), ...rimmed(words(km), text, colours)];
}

// Which layers the legend has switched on; online tiles are never part of a picture.
export function shownLayers() {
  const boxes = [...document.querySelectorAll("[data-layer]")].filter((box) => box.checked);
  const on = new Set(boxes.map((box) => box.dataset.layer).filter((name) => name !== TILES));
  return (name) => on.has(name);
}

// The map in a box of `width` by its own height: { node, height }.
export function drawMap(instrument, box, { isShown, colours, scaleWords }) {
  const bundle = instrument.bundle();
  const ground = instrument.ground();
  const frame = frameOf(instrument, box);
  const { width, height } = frame;
  const group = (name, nodes) => svg("g", { class: name }, ...nodes);
  const back = svg("rect", { width, height, fill: colours.land });
  const parts = [
    group("ground", groundPaths(ground, "ground", frame, colours)),
    group("areas", facePaths(bundle, isShown, frame, colours)),
    group("water", groundPaths(ground, "water", frame, colours)),
    group("lines", linePaths(bundle, isShown, frame, colours)),
    group("names", namesOf(bundle, isShown, frame, colours)),
    group("scale", scaleBar(frame, scaleWords, colours)),
  ];
  const edge = { fill: "none", stroke: colours.edge };
  const inner = svg("svg", { width, height, overflow: "hidden" }, back, ...parts);
  inner.append(svg("rect", { x: 0.5, y: 0.5, width: width - 1, height: height - 1, ...edge }));
  return { node: inner, height };
}
