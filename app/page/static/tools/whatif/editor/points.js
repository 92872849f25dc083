// Which points of the line get a handle: those in sight, as many as can be told apart.

// Where the points are on the screen's plane at the map's zoom, which does not change when it is
// panned: the same points keep their handles.
export function planePoints(map, parts) {
  const zoom = map.getZoom();
  return parts.map((part) => part.map(([lon, lat]) => map.project([lat, lon], zoom)));
}

// Picks points at least `spacing` pixels apart; `chosen` comes first.
export function pickPoints(plane, parts, spacing, chosen) {
  const cells = new Map();
  const picked = [];
  const free = ({ x, y }) => {
    const [column, row] = [Math.floor(x / spacing), Math.floor(y / spacing)];
    for (let i = column - 1; i <= column + 1; i += 1) {
      for (let j = row - 1; j <= row + 1; j += 1) {
        for (const other of cells.get(`${i} ${j}`) ?? []) {
          if (Math.hypot(other.x - x, other.y - y) < spacing) return false;
        }
      }
    }
    return true;
  };
  const take = (part, index) => {
    const at = plane[part][index];
    const key = `${Math.floor(at.x / spacing)} ${Math.floor(at.y / spacing)}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(at);
    picked.push({ part, index, x: at.x, y: at.y });
  };
  if (chosen) take(chosen.part, chosen.index);
  plane.forEach((points, part) => {
    const ring = parts[part][0] === parts[part].at(-1);
    const ends = ring ? [0] : [0, points.length - 1];
    for (const index of ends) if (free(points[index])) take(part, index);
    for (let index = 1; index < points.length - 1; index += 1) {
      if (free(points[index])) take(part, index);
    }
  });
  return picked;
}

// Segments long enough on the screen for a handle in their middle.
export function pickMiddles(plane, least) {
  const middles = [];
  plane.forEach((points, part) => {
    for (let index = 0; index + 1 < points.length; index += 1) {
      const [a, b] = [points[index], points[index + 1]];
      if (Math.hypot(b.x - a.x, b.y - a.y) < least) continue;
      middles.push({ part, index, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    }
  });
  return middles;
}

// The point or the spot on the line that is nearest to a place of the plane.
export function nearestTo(plane, at) {
  let best = { distance: Infinity };
  plane.forEach((points, part) => {
    for (let index = 0; index + 1 < points.length; index += 1) {
      const [a, b] = [points[index], points[index + 1]];
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      const square = dx * dx + dy * dy;
      const along = square ? ((at.x - a.x) * dx + (at.y - a.y) * dy) / square : 0;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(a.x + t * dx - at.x, a.y + t * dy - at.y);
      if (distance < best.distance) best = { part, index, t, distance, a, b };
    }
  });
  return best;
}
