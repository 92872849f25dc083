// Draws the faces (oblast and holder) with their borders, and the line of contact; tells which face
// somebody points at, selects or reaches by keyboard.

import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { removePicture } from "./first_picture.js";
import { holder, km2, nameOf, percent } from "../core/format.js";

// What changes comes first, for the keyboard as well.
const ORDER = [
  "buffer_zone",
  "relinquished",
  "de_facto_recognized",
  "frozen",
  "retained",
  "not_settled",
];

export function faceKey({ oblast, held_by: heldBy }) {
  return `${oblast} ${heldBy}`;
}

export function faceTitle(face) {
  const place = nameOf(face);
  if (face.share_of_oblast > 0.999999) return place;
  return t("{place}, {holder} part", { place, holder: holder(face.held_by) });
}

function turn(lines) {
  return lines.map((line) => line.map(([lon, lat]) => [lat, lon]));
}

function tooltipOf({ feature: { properties } }) {
  const { area_km2: area, share_of_oblast: share } = properties;
  return el(
    "div",
    { class: "tip" },
    el("strong", {}, nameOf(properties)),
    el("span", {}, `${properties.label} · ${holder(properties.held_by)}`),
    el("span", {}, t("{area}, {share} of it", { area: km2(area), share: percent(share) })),
  );
}

// Two geometries that draw alike. The picture of the first view is rounded a little more than what
// the server sends later, and a face that stays as it is shall not be drawn anew for that.
const ALIKE_DEG = 0.0004;
function isAlike(one, other) {
  if (typeof one === "number") return Math.abs(one - other) <= ALIKE_DEG;
  return one.length === other.length && one.every((part, i) => isAlike(part, other[i]));
}

function isSameShape(one, other) {
  return one.type === other.type && isAlike(one.coordinates, other.coordinates);
}

function latLngsOf({ type, coordinates }) {
  return type === "MultiPolygon" ? coordinates.map(turn) : turn(coordinates);
}

export function openFaces(map, stack, { onSelect }) {
  const front = ["front front--casing", "front"].map((name) => stack.line("front", name));
  const marked = stack.line("highlight", "highlight").addTo(map);
  const chosen = stack.line("highlight", "highlight highlight--chosen").addTo(map);
  const hidden = new Set();
  const canHover = matchMedia("(hover: hover)").matches;
  let faces = new Map();
  let selected = null;

  const ringsOf = (layer) =>
    layer.getLatLngs().flat(layer.feature.geometry.type === "MultiPolygon" ? 1 : 0);

  function mark(layer) {
    marked.setLatLngs(layer ? ringsOf(layer) : []);
  }

  function choose(key, by = null) {
    const layer = faces.get(key);
    selected = layer ? key : null;
    chosen.setLatLngs(layer ? ringsOf(layer) : []);
    onSelect(layer ? layer.feature.properties : null, { by });
  }

  // Says on the path what the face is under the plan shown.
  function describe(layer) {
    const { properties } = layer.feature;
    const path = layer.getElement();
    const area = km2(properties.area_km2);
    path.setAttribute("class", `${layer.options.className} leaflet-interactive`);
    path.setAttribute("aria-label", `${faceTitle(properties)}: ${properties.label}, ${area}`);
  }

  function prepare(layer) {
    const key = faceKey(layer.feature.properties);
    const path = layer.getElement();
    path.setAttribute("tabindex", "0");
    path.setAttribute("role", "button");
    path.setAttribute("data-face", key);
    describe(layer);
    path.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      choose(key, "keyboard");
    });
    path.addEventListener("focus", () => mark(layer));
    path.addEventListener("blur", () => mark(null));
  }

  function make(feature) {
    const options = stack.options("face", { interactive: true, fillOpacity: 1 });
    const layer = stack.place(L.polygon(latLngsOf(feature.geometry), options), "faces");
    layer.on("add", () => prepare(layer));
    layer.on("mouseover", () => mark(layer));
    layer.on("mouseout", () => mark(null));
    layer.on("click", () => choose(faceKey(layer.feature.properties), "pointer"));
    if (canHover) layer.bindTooltip(tooltipOf, { sticky: true, className: "tip-box" });
    return layer;
  }

  // Gives a layer, perhaps one that is on the map already, what the bundle says of its face.
  function dress(layer, feature) {
    const { category } = feature.properties;
    layer.feature = feature;
    layer.options.className = `face face--${category}`;
    layer.setStyle({ fillColor: `url(#pattern-${category})` });
    if (map.hasLayer(layer)) describe(layer);
  }

  // Puts the layers on the map, or takes them off, and their paths into the order of the faces.
  function arrange() {
    let last = null;
    for (const layer of faces.values()) {
      if (hidden.has(layer.feature.properties.category)) {
        layer.remove();
        continue;
      }
      if (!map.hasLayer(layer)) layer.addTo(map);
      const path = layer.getElement();
      if (last ? path.previousSibling !== last : path.parentNode.firstChild !== path) {
        if (last) last.after(path);
        else path.parentNode.prepend(path);
      }
      last = path;
    }
  }

  // Faces whose shape stays keep their path, and with it focus and pointer.
  function showFaces(features) {
    const before = faces;
    faces = new Map();
    for (const feature of features) {
      const key = faceKey(feature.properties);
      const old = before.get(key);
      const stays = old && isSameShape(old.feature.geometry, feature.geometry);
      const layer = stays ? old : make(feature);
      if (stays) before.delete(key);
      dress(layer, feature);
      faces.set(key, layer);
    }
    for (const layer of before.values()) layer.remove();
    arrange();
  }

  function show(bundle) {
    const rank = ({ properties }) => ORDER.indexOf(properties.category);
    mark(null);
    showFaces([...bundle.faces.features].sort((a, b) => rank(a) - rank(b)));
    const { type, coordinates } = bundle.contact_line.geometry;
    const drawn = turn(type === "MultiLineString" ? coordinates : [coordinates]);
    for (const part of front) part.setLatLngs(drawn);
    choose(selected);
    removePicture();
  }

  function toggle(name, visible) {
    if (name === "line") for (const part of front) part[visible ? "addTo" : "removeFrom"](map);
    else if (name === "oblasts") map.getContainer().classList.toggle("without-borders", !visible);
    else {
      hidden[visible ? "delete" : "add"](name);
      arrange();
    }
  }

  return { choose, show, toggle };
}
