// Where somebody points: at a position by pointer, at an area by keyboard.

// A place inside the widest part of a face, for choices that have no position of their own.
function inside({ type, coordinates }) {
  const rings = (type === "Polygon" ? [coordinates] : coordinates).map(([ring]) => ring);
  const spans = rings.map((ring) => {
    const lats = ring.map(([, lat]) => lat);
    const lat = (lats.reduce((a, b) => Math.min(a, b)) + lats.reduce((a, b) => Math.max(a, b))) / 2;
    const cuts = [];
    for (let i = 1; i < ring.length; i += 1) {
      const [[x1, y1], [x2, y2]] = [ring[i - 1], ring[i]];
      if (y1 > lat !== y2 > lat) cuts.push(x1 + ((lat - y1) / (y2 - y1)) * (x2 - x1));
    }
    cuts.sort((a, b) => a - b);
    const widths = cuts.map((x, i) => (i % 2 ? x - cuts[i - 1] : 0));
    const widest = widths.indexOf(Math.max(...widths));
    return { width: widths[widest] ?? 0, lat, lon: (cuts[widest - 1] + cuts[widest]) / 2 };
  });
  const { lon, lat } = spans.reduce((a, b) => (b.width > a.width ? b : a));
  return { lon, lat };
}

// Calls onPlace({ lon, lat, face }). Where a pointer chose an area comes from the map; for the
// keyboard it is a place inside the area.
export function openPointing(map, { faces, onPlace }) {
  let pressed = null;
  map.on("preclick", ({ latlng }) => {
    pressed = { lon: latlng.lng, lat: latlng.lat };
  });

  return (face, by) => {
    const shape = faces().features.find(({ properties }) => properties === face);
    const at = by === "pointer" && pressed ? pressed : inside(shape.geometry);
    onPlace({ ...at, face });
  };
}
