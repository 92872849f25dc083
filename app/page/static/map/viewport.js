// Which part of the map is in view: where it starts, and how it goes into the link.

import { byId } from "../core/dom.js";
import { firstView, leaveRoom } from "../core/first_view.js";
import { t } from "../core/i18n.js";

// Leaflet writes the units of its scale in English; what it writes goes into one method of it.
function nameScale() {
  const method = "_updateScale";
  const write = L.Control.Scale.prototype[method];
  L.Control.Scale.include({
    [method](scale, text, ratio) {
      const [n, unit] = text.split(" ");
      write.call(this, scale, unit === "km" ? t("{n} km", { n }) : t("{n} m", { n }), ratio);
    },
  });
}

const MOST_NOTES = 0.3;

// On a map smaller than its padding, as while a page is turned or unfolded, Leaflet finds no zoom
// for bounds, and would throw.
function keepZoomFinite() {
  const find = L.Map.prototype.getBoundsZoom;
  L.Map.include({
    getBoundsZoom(...asked) {
      const zoom = find.apply(this, asked);
      return Number.isFinite(zoom) ? zoom : this.getMinZoom();
    },
  });
}

export function openView(map, { config, fragment }) {
  let moved = false;
  let framed = false;
  nameScale();
  keepZoomFinite();

  function hasRoom() {
    const { x, y } = map.getSize();
    return x > 0 && y > 0;
  }

  function frame() {
    framed = hasRoom();
    const [lat, lon, zoom] = (fragment.get("view") ?? "").split(",").map(Number);
    if ([lat, lon, zoom].every(Number.isFinite)) {
      map.setView([lat, lon], zoom, { animate: false });
      return;
    }
    const { bounds, padding } = firstView(config);
    map.fitBounds(bounds, { animate: false, padding: [padding, padding] });
  }

  // A map that nobody has moved is framed anew when it becomes wider or narrower.
  let width = null;
  function resize() {
    map.invalidateSize({ animate: false });
    if (!hasRoom()) return;
    const { x } = map.getSize();
    if (!moved && (!framed || (width !== null && x !== width))) frame();
    width = x;
  }

  // The view goes into the link once somebody has moved it.
  function keep() {
    const node = map.getContainer();
    const note = () => {
      moved = true;
    };
    for (const kind of ["pointerdown", "wheel", "keydown"]) {
      node.addEventListener(kind, note, { passive: true });
    }
    map.on("moveend", () => {
      if (!moved) return;
      const { lat, lng } = map.getCenter();
      fragment.set("view", [lat.toFixed(3), lng.toFixed(3), map.getZoom()].join());
    });
    // Notes that would take too much of a small screen, or of large text, scroll with the page.
    const tell = ([{ target }]) => {
      leaveRoom(target.offsetHeight);
      target.classList.toggle("notes--long", target.offsetHeight > innerHeight * MOST_NOTES);
    };
    new ResizeObserver(tell).observe(byId("notes"));
    new ResizeObserver(resize).observe(byId("canvas"));
  }

  return { frame, keep };
}
