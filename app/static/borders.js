// Sorts the edges of faces: neighbours share theirs exactly, so an edge that occurs once is the
// outline of the country, and one between two oblasts is a border of both.

// Rings of a Polygon or MultiPolygon.
export function ringsOf({ type, coordinates }) {
  return type === "Polygon" ? coordinates : coordinates.flat();
}

// An edge is known by its middle: in a coverage no two edges cross, so none share one.
function keyOf([ax, ay], [bx, by]) {
  return Math.round((ax + bx) * 1e5) * 2 ** 26 + Math.round((ay + by) * 1e5);
}

function neighbours(faces) {
  const owners = new Map();
  faces.forEach((face, index) => {
    for (const ring of ringsOf(face.geometry)) {
      for (let i = 1; i < ring.length; i += 1) {
        const key = keyOf(ring[i - 1], ring[i]);
        const known = owners.get(key);
        if (known === undefined) owners.set(key, index);
        else owners.set(key, [known, index]);
      }
    }
  });
  return owners;
}

// Kind of an edge as seen from one face; null if it is no border, or is left to the other face.
function kindOf(owner, index, faces) {
  if (!Array.isArray(owner)) return "outline";
  const [first, second] = owner;
  if (index !== first) return null;
  return faces[first].properties.oblast === faces[second].properties.oblast ? null : "oblast";
}

// { outline, oblast }: lists of lines, each a list of [lon, lat].
export function sortBorders(faces) {
  const owners = neighbours(faces);
  const lines = { outline: [], oblast: [] };
  faces.forEach((face, index) => {
    for (const ring of ringsOf(face.geometry)) {
      let run = null;
      for (let i = 1; i < ring.length; i += 1) {
        const kind = kindOf(owners.get(keyOf(ring[i - 1], ring[i])), index, faces);
        if (run && run.kind !== kind) run = null;
        if (kind === null) continue;
        if (!run) {
          run = { kind, line: [ring[i - 1]] };
          lines[kind].push(run.line);
        }
        run.line.push(ring[i]);
      }
    }
  });
  return lines;
}
