// Names of oblasts and towns, chosen and placed anew at every zoom.

import { el, byId } from "../core/dom.js";
import { placeLabels } from "./label_placement.js";
import { isLocated } from "./clause_markers.js";
import { nameOf, shortName } from "../core/format.js";

// From this many inhabitants a town is named at a zoom; a quarter suffices in the buffer zone.
const POPULATION = [
  [5, 600000],
  [6, 220000],
  [7, 70000],
  [8, 25000],
  [9, 10000],
  [10, 4000],
];

export function populationAt(zoom) {
  const step = POPULATION.find(([limit]) => zoom < limit);
  return step ? step[1] : 0;
}

// What can be named, the important first, and the places of signs that stay free.
export function labelsOf(bundle) {
  const changed = new Map();
  for (const { properties: face } of bundle.faces.features) {
    if (face.category !== "retained") changed.set(face.oblast, true);
  }
  const areas = bundle.oblasts
    .filter(({ id }) => id !== "UA-30" && id !== "UA-40")
    .map((oblast) => ({
      kind: "oblast",
      group: "oblasts",
      text: shortName(nameOf(oblast)),
      at: { lat: oblast.label_lat, lng: oblast.label_lon },
      rank: changed.has(oblast.id) ? 3 : 2,
      least: changed.has(oblast.id) ? 0 : 5.5,
    }));
  const towns = bundle.towns.map((town) => {
    const weight = (town.population ?? 0) * (town.category === "buffer_zone" ? 4 : 1);
    const isCity = town.population >= 200000;
    const isSubject = town.category === "buffer_zone" && town.population >= 100000;
    return {
      kind: isCity ? "city" : "town",
      group: "towns",
      text: nameOf(town),
      at: { lat: town.lat, lng: town.lon },
      weight,
      rank: (isSubject ? 5 : isCity ? 4 : 1) + Math.min(weight, 5e6) / 6e6,
      dot: true,
    };
  });
  const signs = bundle.plan.clauses
    .filter(isLocated)
    .map(({ lat_deg: lat, lon_deg: lng }) => ({ lat, lng }));
  return { wanted: [...areas, ...towns].sort((one, other) => other.rank - one.rank), signs };
}

export function openLabels(map) {
  const pane = map.createPane("labels");
  pane.style.zIndex = 640;
  pane.style.pointerEvents = "none";
  pane.setAttribute("aria-hidden", "true");
  const shown = { oblasts: true, towns: true };
  const measure = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(byId("page")).fontFamily;
  let wanted = [];
  let signs = [];

  // Sizes are those of map.css, which follow the size of text that the reader has chosen.
  const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

  function sizeOf(text, kind) {
    const size = scale * (kind === "oblast" ? 12 : kind === "city" ? 12.5 : 11);
    measure.font = `${kind === "town" ? 400 : 600} ${size}px ${family}`;
    const spacing = kind === "oblast" ? 0.9 * scale * text.length : 0;
    return { width: measure.measureText(text).width + spacing + 2, height: size * 1.25 };
  }

  function draw() {
    if (!wanted.length) return;
    const zoom = map.getZoom();
    const least = populationAt(zoom);
    const candidates = wanted
      .filter((label) => shown[label.group])
      .filter((label) => (label.dot ? label.weight >= least : zoom >= label.least))
      .map((label) => ({
        ...label,
        ...map.latLngToLayerPoint(label.at),
        ...sizeOf(label.text, label.kind),
      }));
    const obstacles = signs.map((at) => {
      const { x, y } = map.latLngToLayerPoint(at);
      return { left: x - 11, right: x + 11, top: y - 11, bottom: y + 11 };
    });
    const nodes = placeLabels(candidates, obstacles).flatMap(
      ({ kind, text, left, top, x, y, dot }) => {
        const name = el("span", { class: `label label--${kind}` }, text);
        name.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
        if (!dot) return [name];
        const point = el("span", { class: `dot dot--${kind}` });
        point.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
        return [name, point];
      },
    );
    pane.replaceChildren(...nodes);
    pane.classList.remove("labels--moving");
  }

  map.on("zoomstart", () => pane.classList.add("labels--moving"));
  map.on("zoomend viewreset", draw);

  return {
    show(bundle) {
      ({ wanted, signs } = labelsOf(bundle));
      draw();
    },
    toggle(group, visible) {
      shown[group] = visible;
      draw();
    },
  };
}
