// Marks places that other points of the plan name, such as the Zaporizhzhia nuclear power plant.

import { el } from "./dom.js";

export function openPlaces(map, { onSelect }) {
  const pane = map.createPane("places");
  pane.style.zIndex = 650;
  let markers = [];

  function markerOf(clause) {
    const icon = L.divIcon({ className: "place", html: el("span", { class: "place-sign" }), iconSize: [24, 24] });
    const marker = L.marker([clause.lat_deg, clause.lon_deg], {
      icon,
      pane: "places",
      alt: clause.place,
      title: "",
      keyboard: true,
    });
    marker.bindTooltip(el("div", { class: "tip" }, el("strong", {}, clause.place), el("span", {}, clause.article)), {
      className: "tip-box",
      direction: "top",
    });
    marker.on("add", () => marker.getElement().setAttribute("aria-label", `${clause.place}, ${clause.article}`));
    marker.on("click", () => onSelect(clause));
    return marker;
  }

  function show(bundle) {
    for (const marker of markers) marker.remove();
    const located = bundle.plan.clauses.filter(({ lon_deg: lon, lat_deg: lat }) => Number.isFinite(lon) && Number.isFinite(lat));
    markers = located.map(markerOf);
    for (const marker of markers) marker.addTo(map);
  }

  return { show };
}
