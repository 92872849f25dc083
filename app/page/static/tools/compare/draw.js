// Draws a second settlement, and the land that differs: an outline and a hatch that need no colour,
// in levels of their own that go when the comparison is left.

import { t } from "../../core/i18n.js";
import { el, svg } from "../../core/dom.js";
import { holder, nameOf } from "../../core/format.js";

// Wider than any view of the map.
const EVERYWHERE = [
  [80, -90],
  [80, 150],
  [-60, 150],
  [-60, -90],
];

export function rootOf(map) {
  return map.getPane("overlayPane").querySelector("svg > g");
}

// A level of one's own in the map's one SVG, above the level named (or all of them).
export function addLevel(map, name, above) {
  const root = rootOf(map);
  const group = svg("g", { class: `level level--${name}` });
  const below = above && root.querySelector(`:scope > .level--${above}`);
  if (below) below.after(group);
  else root.append(group);
  return group;
}

function ringsOf({ type, coordinates }) {
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  return polygons.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lat, lon])));
}

function placed(layer, group) {
  return layer.on("add", () => group.append(layer.getElement()));
}

function tipOf({ feature: { properties } }) {
  return el(
    "div",
    { class: "tip" },
    el("strong", {}, nameOf(properties)),
    el("span", {}, t("In B: {label}", { label: properties.label })),
    el("span", {}, holder(properties.held_by)),
  );
}

// The faces and the line of a bundle, in two groups of the map's SVG. Categories that the legend
// switches off stay away.
export function openSettlement(map, stack, groups) {
  const drawn = L.layerGroup().addTo(map);
  const hidden = () =>
    [...document.querySelectorAll("[data-layer]")]
      .filter((box) => !box.checked)
      .map((box) => box.dataset.layer);

  function follow() {
    const off = hidden();
    for (const path of groups.faces.children) {
      path.style.display = off.includes(path.dataset.category) ? "none" : "";
    }
    groups.front.style.display = off.includes("line") ? "none" : "";
    map.getContainer().classList.toggle("without-borders", off.includes("oblasts"));
  }

  function addFace(layer) {
    const { category } = layer.feature.properties;
    layer.on("add", () => {
      groups.faces.append(layer.getElement());
      layer.getElement().dataset.category = category;
    });
    layer.bindTooltip(tipOf, { sticky: true, className: "tip-box" });
    drawn.addLayer(layer);
  }

  function show(bundle) {
    drawn.clearLayers();
    const style = ({ properties: { category } }) =>
      stack.options(`face face--${category}`, {
        interactive: true,
        fillColor: `url(#pattern-${category})`,
        fillOpacity: 1,
      });
    L.geoJSON(bundle.faces, { style }).eachLayer(addFace);
    const { type, coordinates } = bundle.contact_line.geometry;
    const parts = type === "MultiLineString" ? coordinates : [coordinates];
    const line = parts.map((part) => part.map(([lon, lat]) => [lat, lon]));
    for (const className of ["front front--casing", "front"]) {
      const path = L.polyline(line, stack.options(className, { fill: false }));
      drawn.addLayer(placed(path, groups.front));
    }
    follow();
  }

  function leave() {
    drawn.remove();
    for (const group of Object.values(groups)) group.remove();
  }

  return { show, follow, leave };
}

// The hatch of what differs, for as long as somebody compares.
export function addHatch() {
  const lines = ["hatch-casing", "hatch-line"].map((name) =>
    svg("path", { class: `compare-${name}`, d: "M0 0V10" }),
  );
  const shape = {
    id: "compare-hatch",
    width: 10,
    height: 10,
    patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(-45)",
  };
  const size = { class: "patterns", width: 0, height: 0, "aria-hidden": "true" };
  const holderNode = svg("svg", size, svg("defs", {}, svg("pattern", shape, ...lines)));
  document.body.append(holderNode);
  return () => holderNode.remove();
}

// The land that differs, on one map.
export function openDifferences(map, stack) {
  const veil = addLevel(map, "compare-veil", "outline");
  const group = addLevel(map, "differ", "front");
  const drawn = L.layerGroup().addTo(map);
  let shapes = [];
  let veiled = false;

  function add(difference) {
    const rings = difference.shapes.flatMap(ringsOf);
    const options = [
      stack.options("differ differ--casing", { fill: false }),
      stack.options("differ", { fillColor: "url(#compare-hatch)", fillOpacity: 1 }),
    ];
    for (const option of options) {
      const path = L.polygon(rings, option);
      path.on("add", () => {
        group.append(path.getElement());
        path.getElement().dataset.pair = `${difference.before} ${difference.after}`;
        path.getElement().dataset.oblast = difference.oblast;
      });
      drawn.addLayer(path);
    }
  }

  function drawVeil() {
    if (!veiled) return;
    const holes = shapes.flatMap((difference) => difference.shapes.flatMap(ringsOf).flat());
    const path = L.polygon([EVERYWHERE, ...holes], stack.options("compare-veil", { fillOpacity: 1 }));
    drawn.addLayer(placed(path, veil));
  }

  function show(differences, only) {
    drawn.clearLayers();
    shapes = differences;
    veiled = only;
    drawVeil();
    for (const difference of differences) add(difference);
  }

  // Brings out what goes from one to the other, in one oblast or in all; null brings all back.
  function pick(pair) {
    const key = pair && `${pair.before} ${pair.after}`;
    for (const { classList, dataset } of group.children) {
      const isIt = dataset.pair === key && (!pair.oblast || dataset.oblast === pair.oblast);
      classList.toggle("differ--picked", isIt);
      classList.toggle("differ--other", key !== null && !isIt);
    }
  }

  // Where that is; where everything is that differs, if nothing is picked.
  function boundsOf(pair) {
    const some = shapes.filter(
      ({ before, after, oblast }) =>
        !pair ||
        (before === pair.before && after === pair.after && oblast === (pair.oblast ?? oblast)),
    );
    return L.latLngBounds(some.flatMap(({ shapes: all }) => all.flatMap(ringsOf).flat(2)));
  }

  function leave() {
    drawn.remove();
    veil.remove();
    group.remove();
  }

  return { show, pick, boundsOf, leave };
}
