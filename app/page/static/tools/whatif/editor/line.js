// The line being edited, as plain data: parts of positions [longitude, latitude]. An edit gives a
// new list and leaves the old one as it was; positions it does not touch stay the same objects.

const SEMI_MAJOR_KM = 6378.137;
const ECCENTRICITY_SQUARED = 0.00669437999014;
const RADIANS = Math.PI / 180;

// Kilometres to a degree of longitude and of latitude on the WGS 84 ellipsoid.
export function kmPerDegree(lat) {
  const sine = Math.sin(lat * RADIANS);
  const flat = 1 - ECCENTRICITY_SQUARED * sine * sine;
  const normal = SEMI_MAJOR_KM / Math.sqrt(flat);
  const meridian = (normal * (1 - ECCENTRICITY_SQUARED)) / flat;
  return [normal * Math.cos(lat * RADIANS) * RADIANS, meridian * RADIANS];
}

export function distanceKm(a, b) {
  const [east, north] = kmPerDegree((a[1] + b[1]) / 2);
  return Math.hypot((b[0] - a[0]) * east, (b[1] - a[1]) * north);
}

export function lengthKm(parts) {
  let sum = 0;
  for (const part of parts) {
    for (let i = 1; i < part.length; i += 1) sum += distanceKm(part[i - 1], part[i]);
  }
  return sum;
}

export function sameSpot(a, b) {
  return a === b || (a[0] === b[0] && a[1] === b[1]);
}

export function isRing(part) {
  return part.length > 3 && sameSpot(part[0], part.at(-1));
}

export function countPoints(parts) {
  return parts.reduce((sum, part) => sum + part.length - (isRing(part) ? 1 : 0), 0);
}

function closed(positions) {
  return [...positions.slice(0, -1), positions[0]];
}

// Parts from lists of positions; the two ends of a ring become one object.
export function partsFrom(lines) {
  const plain = lines.map((line) => line.map(([lon, lat]) => [lon, lat]));
  return plain.map((part) => (isRing(part) ? closed(part) : part));
}

export function linesOf({ type, coordinates }) {
  return type === "LineString" ? [coordinates] : coordinates;
}

export function geometryOf(parts) {
  return { type: "MultiLineString", coordinates: parts };
}

// How much each point is pulled along when one is moved: 1 there, falling to 0 at the reach,
// measured along the line. A map from index to weight.
function weightsAlong(part, start, reachKm) {
  const weights = new Map([[start, 1]]);
  const ring = isRing(part);
  const count = part.length - (ring ? 1 : 0);
  for (const step of reachKm > 0 ? [1, -1] : []) {
    let [here, away] = [start, 0];
    for (let steps = 1; steps < count; steps += 1) {
      const next = ring ? (here + step + count) % count : here + step;
      if (next < 0 || next >= count) break;
      away += distanceKm(part[here], part[next]);
      if (away >= reachKm) break;
      const weight = (1 - (away / reachKm) ** 2) ** 2;
      weights.set(next, Math.max(weight, weights.get(next) ?? 0));
      here = next;
    }
  }
  return weights;
}

// Points of other parts that lie exactly on points to be moved: a joint stays a joint.
function twinsOf(parts, moved) {
  const spots = new Map(moved.map((item) => [parts[item.part][item.index].join(), item]));
  const known = new Set(moved.map(({ part, index }) => `${part} ${index}`));
  const twins = [];
  parts.forEach((positions, part) => {
    for (const index of [0, positions.length - 1]) {
      const found = spots.get(positions[index].join());
      if (found && !known.has(`${part} ${index}`)) twins.push({ part, index, weight: found.weight });
    }
  });
  return twins;
}

// Begins to move a point: `moved` lists what goes along, `to(position)` gives the parts then.
export function beginMove(parts, { part, index }, reachKm = 0) {
  const ring = isRing(parts[part]);
  const start = ring && index === parts[part].length - 1 ? 0 : index;
  const weights = [...weightsAlong(parts[part], start, reachKm)];
  const moved = weights.map(([at, weight]) => ({ part, index: at, weight }));
  moved.push(...twinsOf(parts, moved));
  const origin = parts[part][start];
  function to([lon, lat]) {
    const after = [...parts];
    for (const item of moved) {
      const before = parts[item.part][item.index];
      if (after[item.part] === parts[item.part]) after[item.part] = [...parts[item.part]];
      after[item.part][item.index] = [
        before[0] + (lon - origin[0]) * item.weight,
        before[1] + (lat - origin[1]) * item.weight,
      ];
    }
    for (const touched of new Set(moved.map((item) => item.part))) {
      if (isRing(parts[touched])) after[touched] = closed(after[touched]);
    }
    return after;
  }
  return { moved, to };
}

function replacePart(parts, row, ...by) {
  return [...parts.slice(0, row), ...by, ...parts.slice(row + 1)];
}

// Puts a position in after a point.
export function insertAfter(parts, { part, index }, position) {
  const positions = parts[part];
  return replacePart(parts, part, [
    ...positions.slice(0, index + 1),
    position,
    ...positions.slice(index + 1),
  ]);
}

// Takes a point out; a part that would be no line any more goes with it.
export function removePoint(parts, { part, index }) {
  const positions = parts[part];
  if (!isRing(positions)) {
    const rest = [...positions.slice(0, index), ...positions.slice(index + 1)];
    return rest.length < 2 ? replacePart(parts, part) : replacePart(parts, part, rest);
  }
  const open = positions.slice(0, -1);
  open.splice(index % open.length, 1);
  return open.length < 3 ? replacePart(parts, part) : replacePart(parts, part, [...open, open[0]]);
}

export function removePart(parts, part) {
  return replacePart(parts, part);
}

// Adds a part drawn point by point; a pocket is closed.
export function addPart(parts, positions, { pocket }) {
  return [...parts, pocket ? [...positions, positions[0]] : [...positions]];
}

// The middle of the segment after a point.
export function middleAfter(parts, { part, index }) {
  const [a, b] = [parts[part][index], parts[part][index + 1]];
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function ringKm2(positions) {
  const [lon, lat] = positions[0];
  let sum = 0;
  for (let i = 0; i < positions.length; i += 1) {
    const [a, b] = [positions[i], positions[(i + 1) % positions.length]];
    sum += (a[0] - lon) * (b[1] - lat) - (b[0] - lon) * (a[1] - lat);
  }
  const [east, north] = kmPerDegree(lat);
  return Math.abs(sum / 2) * east * north;
}

// Between two courses of one stretch: point by point where they have as many, else in one piece.
function betweenKm2(before, after) {
  if (before.length !== after.length) return ringKm2([...before, ...[...after].reverse()]);
  let sum = 0;
  for (let i = 1; i < before.length; i += 1) {
    if (before[i] === after[i] && before[i - 1] === after[i - 1]) continue;
    sum += ringKm2([before[i - 1], before[i], after[i], after[i - 1]]);
  }
  return sum;
}

function whereIs(parts) {
  const places = new Map();
  parts.forEach((positions, part) => {
    positions.forEach((position, index) => {
      if (!places.has(position)) places.set(position, { part, index });
    });
  });
  return places;
}

// Land between two versions of one part, between the points that they share.
function sweptInPart(before, after, places, part) {
  let [sum, i, a] = [0, -1, -1];
  for (let b = 0; b <= after.length; b += 1) {
    const end = b === after.length;
    const found = end ? null : places.get(after[b]);
    if (!end && (found?.part !== part || found.index <= i)) continue;
    const j = end ? before.length : found.index;
    const [was, is] = [before.slice(Math.max(i, 0), j + 1), after.slice(Math.max(a, 0), b + 1)];
    if (was.length + is.length > 4 || end || i < 0) sum += betweenKm2(was, is);
    [i, a] = [j, b];
  }
  return sum;
}

// Prepares an estimate of the land between a line and later versions of it, km². Versions share
// the positions that were not touched; parts that share none count with what they enclose.
export function openEstimate(before) {
  const places = whereIs(before);
  const enclosed = (part) => (isRing(part) ? ringKm2(part.slice(0, -1)) : 0);
  function sweptKm2(after) {
    const left = new Set(before.keys());
    let sum = 0;
    after.forEach((positions, row) => {
      if (left.has(row) && before[row] === positions) {
        left.delete(row);
        return;
      }
      const shared = positions.map((position) => places.get(position)).find(Boolean);
      const same = before[row]?.length === positions.length && left.has(row);
      const from = shared?.part ?? (same ? row : null);
      if (from === null || !left.delete(from)) sum += enclosed(positions);
      else sum += sweptInPart(before[from], positions, places, from);
    });
    for (const row of left) sum += enclosed(before[row]);
    return sum;
  }
  return { sweptKm2 };
}
