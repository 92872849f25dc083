// Draws land, neighbouring countries, lakes and rivers; and OpenStreetMap's tiles if asked to.

import { t } from "../core/i18n.js";

const TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const CREDIT = "© OpenStreetMap contributors";

function latLngs(run) {
  return run.map(([lon, lat]) => [lat, lon]);
}

export function openBackground(map, stack, { onTrouble }) {
  let tiles = null;

  // The ground as readPicture() gives it: { level, className, filled, shapes }.
  function draw(ground) {
    for (const { level, className, filled, shapes } of ground) {
      const options = stack.options(className, { fill: filled });
      const runs = shapes.map((shape) => shape.map(latLngs));
      const layer = filled ? L.polygon(runs, options) : L.polyline(runs.flat(), options);
      stack.place(layer, level).addTo(map);
    }
  }

  // The credit that the tiles' licence asks for is on the map as long as they are.
  function showTiles(visible) {
    tiles ??= (() => {
      const layer = L.tileLayer(TILES, { attribution: CREDIT, maxZoom: 19 });
      const credit = L.control.attribution({ prefix: false });
      layer.on("add", () => credit.addTo(map)).on("remove", () => credit.remove());
      layer.on("tileerror", () =>
        onTrouble(t("OpenStreetMap cannot be reached; the map goes on without.")),
      );
      return layer;
    })();
    if (visible) tiles.addTo(map);
    else tiles.remove();
  }

  return { draw, showTiles };
}
