// Draws land, neighbouring countries, lakes and rivers; and OpenStreetMap's tiles if asked to.

const TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const CREDIT = "© OpenStreetMap contributors";

// Below the faces, but for water, which is drawn over them.
const LEVELS = { land: 110, country: 120, coast: 130, lake: 410, river: 411 };

export function openBackground(map, { onTrouble }) {
  const ground = map.createPane("ground");
  ground.style.zIndex = 100;
  ground.style.pointerEvents = "none";
  const water = map.createPane("water");
  water.style.zIndex = 410;
  water.style.pointerEvents = "none";
  map.getPane("tilePane").style.zIndex = 150;
  let tiles = null;

  function show(background) {
    const inOrder = [...background.features].sort(
      (a, b) => LEVELS[a.properties.layer] - LEVELS[b.properties.layer],
    );
    for (const pane of ["ground", "water"]) {
      const here = (feature) =>
        (LEVELS[feature.properties.layer] > 400 ? "water" : "ground") === pane;
      const renderer = L.svg({ pane, padding: 0.4 });
      const style = ({ properties }) => ({
        pane,
        renderer,
        className: `ground ground--${properties.layer}`,
        interactive: false,
        fill: !["coast", "river"].includes(properties.layer),
      });
      L.geoJSON(inOrder, { filter: here, style, interactive: false }).addTo(map);
    }
  }

  // The credit that the tiles' licence asks for is on the map as long as they are.
  function showTiles(visible) {
    tiles ??= (() => {
      const layer = L.tileLayer(TILES, { attribution: CREDIT, maxZoom: 19 });
      const credit = L.control.attribution({ prefix: false });
      layer.on("add", () => credit.addTo(map)).on("remove", () => credit.remove());
      layer.on("tileerror", () =>
        onTrouble("OpenStreetMap cannot be reached; the map goes on without."),
      );
      return layer;
    })();
    if (visible) tiles.addTo(map);
    else tiles.remove();
  }

  return { show, showTiles };
}
