// Which part of the map is in view: where it starts, and how it goes into the link.

import { byId } from "./dom.js";

// A narrow screen starts where something changes, a wide one with the whole country.
export function openView(map, { config, fragment, narrow }) {
  function frame() {
    const [lat, lon, zoom] = (fragment.get("view") ?? "").split(",").map(Number);
    if ([lat, lon, zoom].every(Number.isFinite)) {
      map.setView([lat, lon], zoom, { animate: false });
      return;
    }
    const padding = narrow.matches ? [4, 4] : [16, 16];
    map.fitBounds(narrow.matches ? config.focus : config.bounds, { animate: false, padding });
  }

  // The view goes into the link once somebody has moved it.
  function keep() {
    const node = map.getContainer();
    let moved = false;
    for (const kind of ["pointerdown", "wheel", "keydown"]) {
      node.addEventListener(kind, () => (moved = true), { passive: true });
    }
    map.on("moveend", () => {
      if (!moved) return;
      const { lat, lng } = map.getCenter();
      fragment.set("view", [lat.toFixed(3), lng.toFixed(3), map.getZoom()].join());
    });
    const page = document.documentElement;
    const tell = ([{ target }]) => page.style.setProperty("--notes", `${target.offsetHeight}px`);
    new ResizeObserver(tell).observe(byId("notes"));
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(byId("canvas"));
  }

  return { frame, keep };
}
