// Draws land, neighbouring countries, lakes and rivers; and OpenStreetMap's tiles if asked to.

const TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const CREDIT = "© OpenStreetMap contributors";

const KINDS = ["land", "country", "coast", "lake", "river"];
// Water is drawn over the faces, which know nothing of it.
const WATER = ["lake", "river"];
const LINES = ["coast", "river"];

export function openBackground(map, stack, { onTrouble }) {
  let tiles = null;

  function show(background) {
    const style = ({ properties: { layer } }) =>
      stack.options(`ground ground--${layer}`, { fill: !LINES.includes(layer) });
    for (const kind of KINDS) {
      const filter = ({ properties }) => properties.layer === kind;
      const level = WATER.includes(kind) ? "water" : "ground";
      L.geoJSON(background, { filter, style }).eachLayer((path) =>
        stack.place(path, level).addTo(map),
      );
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
