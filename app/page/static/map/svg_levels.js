// One SVG for everything drawn as vectors, in levels from the ground up. One, because each SVG is
// a layer of pixels of its own that has to be painted and kept.

const LEVELS = ["ground", "faces", "water", "outline", "front", "highlight"];
const PADDING = 0.2;

export function openStack(map) {
  const renderer = L.svg({ padding: PADDING }).addTo(map);
  const root = map.getPane("overlayPane").querySelector("svg > g");
  const groups = new Map(LEVELS.map((level) => [level, root.cloneNode(false)]));
  for (const [level, group] of groups) group.setAttribute("class", `level level--${level}`);
  root.append(...groups.values());

  // Options of a path: drawn whole, point by point, so that neighbours meet exactly.
  function options(className, more = {}) {
    return { renderer, className, noClip: true, smoothFactor: 0, interactive: false, ...more };
  }

  // Puts a path into its level whenever it comes onto the map.
  function place(layer, level) {
    layer.on("add", () => groups.get(level).append(layer.getElement()));
    return layer;
  }

  function line(level, className) {
    return place(L.polyline([], options(className, { fill: false })), level);
  }

  return { line, options, place };
}
