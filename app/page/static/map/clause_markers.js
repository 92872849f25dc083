// Marks places that other points of the plan name, such as the Zaporizhzhia nuclear power plant.

import { el } from "../core/dom.js";

export function isLocated({ lon_deg: lon, lat_deg: lat }) {
  return Number.isFinite(lon) && Number.isFinite(lat);
}

export function openPlaces(map, { onSelect }) {
  const pane = map.createPane("places");
  pane.style.zIndex = 650;
  let markers = [];

  function markerOf(clause) {
    const sign = el("span", { class: "place-sign" });
    const icon = L.divIcon({ className: "place", html: sign, iconSize: [24, 24] });
    const marker = L.marker([clause.lat_deg, clause.lon_deg], { icon, pane: "places" });
    const lines = [el("strong", {}, clause.place), el("span", {}, clause.article)];
    marker.bindTooltip(el("div", { class: "tip" }, ...lines), { className: "tip-box" });
    marker.on("click", () => onSelect(clause, { by: "pointer" }));
    marker.on("add", () => {
      const node = marker.getElement();
      node.setAttribute("aria-label", `${clause.place}, ${clause.article}`);
      node.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") onSelect(clause, { by: "keyboard" });
      });
    });
    return marker;
  }

  function show(bundle) {
    for (const marker of markers) marker.remove();
    markers = bundle.plan.clauses.filter(isLocated).map(markerOf);
    for (const marker of markers) marker.addTo(map);
  }

  return { show };
}
