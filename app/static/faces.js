// Draws the faces (oblast and holder) with their borders, and the line of contact; tells which face
// somebody points at, selects or reaches by keyboard.

import { el } from "./dom.js";
import { t } from "./language.js";
import { removePicture } from "./picture.js";
import { holder, km2, nameOf, percent } from "./words.js";

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

export function openFaces(map, stack, { onSelect }) {
  const front = ["front front--casing", "front"].map((name) => stack.line("front", name));
  const marked = stack.line("highlight", "highlight").addTo(map);
  const chosen = stack.line("highlight", "highlight highlight--chosen").addTo(map);
  const hidden = new Set();
  const groups = new Map();
  const faces = new Map();
  const canHover = matchMedia("(hover: hover)").matches;
  let selected = null;

  function prepare(layer) {
    const { properties } = layer.feature;
    const path = layer.getElement();
    path.setAttribute("tabindex", "0");
    path.setAttribute("role", "button");
    path.setAttribute("data-face", faceKey(properties));
    const area = km2(properties.area_km2);
    path.setAttribute("aria-label", `${faceTitle(properties)}: ${properties.label}, ${area}`);
    path.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      choose(faceKey(properties), "keyboard");
    });
    path.addEventListener("focus", () => mark(layer));
    path.addEventListener("blur", () => mark(null));
  }

  function mark(layer) {
    marked.setLatLngs(layer ? layer.getLatLngs().flat(layer.feature.deep) : []);
  }

  function choose(key, by = null) {
    const layer = faces.get(key);
    selected = layer ? key : null;
    chosen.setLatLngs(layer ? layer.getLatLngs().flat(layer.feature.deep) : []);
    onSelect(layer ? layer.feature.properties : null, { by });
  }

  function add(layer) {
    const { category } = layer.feature.properties;
    if (!groups.has(category)) groups.set(category, L.featureGroup());
    groups.get(category).addLayer(stack.place(layer, "faces"));
    layer.feature.deep = layer.feature.geometry.type === "MultiPolygon" ? 1 : 0;
    faces.set(faceKey(layer.feature.properties), layer);
    layer.on("add", () => prepare(layer));
    layer.on("mouseover", () => mark(layer));
    layer.on("mouseout", () => mark(null));
    layer.on("click", () => choose(faceKey(layer.feature.properties), "pointer"));
    if (canHover) layer.bindTooltip(tooltipOf, { sticky: true, className: "tip-box" });
  }

  function clear() {
    for (const group of groups.values()) group.remove();
    groups.clear();
    faces.clear();
    mark(null);
  }

  function show(bundle) {
    clear();
    const style = ({ properties: { category } }) =>
      stack.options(`face face--${category}`, {
        interactive: true,
        fillColor: `url(#pattern-${category})`,
        fillOpacity: 1,
      });
    L.geoJSON(bundle.faces, { style }).eachLayer(add);
    for (const category of ORDER) {
      if (!hidden.has(category)) groups.get(category)?.addTo(map);
    }
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
      if (visible) groups.get(name)?.addTo(map);
      else groups.get(name)?.remove();
    }
  }

  return { choose, show, toggle };
}
