// The outer border and coast: what the faces share with no other. Faces are simplified together, so
// that neighbours have the same points, and an edge that occurs once is an edge of the country.

function edgesOf(faces) {
  const once = new Map();
  for (const { geometry } of faces.features) {
    const { type, coordinates } = geometry;
    for (const ring of type === "Polygon" ? coordinates : coordinates.flat()) {
      for (let i = 1; i < ring.length; i += 1) {
        const ends = [ring[i - 1].join(), ring[i].join()].sort().join(" ");
        if (!once.delete(ends)) once.set(ends, [ring[i - 1], ring[i]]);
      }
    }
  }
  return once.values();
}

// Edges that follow each other become one line of [lat, lon].
function linesOf(edges) {
  const lines = [];
  let last = null;
  for (const [from, to] of edges) {
    if (last !== from) lines.push([[from[1], from[0]]]);
    lines.at(-1).push([to[1], to[0]]);
    last = to;
  }
  return lines;
}

export function outlineOf(faces) {
  return linesOf(edgesOf(faces));
}

// Drawn once: no plan and no day moves it.
export function drawOutline(map, stack, faces) {
  stack.line("outline", "outline").addTo(map).setLatLngs(outlineOf(faces));
}
