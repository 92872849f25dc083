// Finds places for labels so that no two touch; pure arithmetic in pixels.

const GAP_PX = 3;
// Where else the name of an area may stand, away from its middle.
const SHIFTS = [
  [0, 0],
  [0, -16],
  [0, 16],
  [-24, 0],
  [24, 0],
  [0, -30],
  [0, 30],
  [-36, -20],
  [36, 20],
];
// Where the name of a town may stand: right, left, above, below its dot.
const SIDES = [
  [8, -0.5],
  [-8, -0.5],
  [0, -1.5],
  [0, 0.5],
];

function overlaps(a, b) {
  return (
    a.left < b.right + GAP_PX &&
    b.left < a.right + GAP_PX &&
    a.top < b.bottom + 1 &&
    b.top < a.bottom + 1
  );
}

// Boxes to try for a label: around its dot for a town; for an area in its middle, or near it.
function boxesOf({ x, y, width, height, dot }) {
  if (!dot) {
    return SHIFTS.map(([dx, dy]) => ({ left: x - width / 2 + dx, top: y - height / 2 + dy }));
  }
  return SIDES.map(([dx, dy]) => ({
    left: dx > 0 ? x + dx : dx < 0 ? x + dx - width : x - width / 2,
    top: y + dy * height + (dx === 0 ? Math.sign(dy) * 5 : 0),
  }));
}

function dotBox({ x, y }) {
  return { left: x - 3, right: x + 3, top: y - 3, bottom: y + 3 };
}

// Chooses for every label, the important first, a box that touches no label and no dot chosen
// before; labels that find none are left out. Each: { x, y, width, height, dot }, in pixels.
// Obstacles are boxes that must stay free.
export function placeLabels(labels, obstacles = []) {
  const taken = [...obstacles];
  const placed = [];
  const isFree = (box) => !taken.some((other) => overlaps(box, other));
  for (const label of labels) {
    if (label.dot && !isFree(dotBox(label))) continue;
    const found = boxesOf(label)
      .map((box) => ({ ...box, right: box.left + label.width, bottom: box.top + label.height }))
      .find(isFree);
    if (!found) continue;
    taken.push(found);
    if (label.dot) taken.push(dotBox(label));
    placed.push({ ...label, left: found.left, top: found.top });
  }
  return placed;
}
