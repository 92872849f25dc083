// Draws what a what-if shows: the line as it was, the line as it is drawn, the faces it would make.
// In an SVG of its own, so that a line being dragged does not have the whole map painted anew.

const PANE = "whatif";
const MOVING = "whatif-moving";
const MARKS = "whatif-marks";
// Work of one go, in milliseconds: well under the 50 that make a page feel stuck.
const BUDGET_MS = 8;
const LATER_MS = 60;

function turn(lines) {
  return lines.map((line) => line.map(([lon, lat]) => [lat, lon]));
}

function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

// The stretches of the parts that `moved` leaves alone, and those that it moves, both with the
// points where they meet.
export function splitAt(parts, moved) {
  const rows = new Map();
  for (const { part, index } of moved) {
    if (!rows.has(part)) rows.set(part, new Set());
    rows.get(part).add(index);
  }
  const still = parts.filter((_, row) => !rows.has(row));
  const moving = [];
  for (const [part, indexes] of rows) {
    const last = parts[part].length - 1;
    const ring = parts[part][0] === parts[part][last];
    const goes = (i) => indexes.has(i) || (ring && i === last && indexes.has(0));
    let [run, kind] = [[0], null];
    const end = () => {
      if (kind) moving.push({ part, indexes: run });
      else still.push(run.map((i) => parts[part][i]));
    };
    for (let i = 1; i <= last; i += 1) {
      const is = goes(i - 1) || goes(i);
      if (kind !== null && is !== kind) {
        end();
        run = [i - 1];
      }
      kind = is;
      run.push(i);
    }
    end();
  }
  return { still, moving };
}

export function openCanvas(map, stack) {
  const paneOf = (name) => map.getPane(name) ?? map.createPane(name);
  paneOf(PANE);
  const movingPane = paneOf(MOVING);
  paneOf(MARKS);
  const renderer = L.svg({ pane: PANE, padding: 0.4 });
  const quick = L.svg({ pane: MOVING, padding: 0.4 });
  const path = (className, more = {}) =>
    L.polyline([], { renderer, pane: PANE, className, fill: false, interactive: false, ...more });
  const was = path("whatif-was");
  const differs = L.geoJSON(null, {
    style: { renderer, pane: PANE, className: "whatif-differs", interactive: false },
  });
  const drawn = ["whatif-line whatif-line--casing", "whatif-line"].map((name) => path(name));
  const moving = ["whatif-line whatif-line--casing", "whatif-line"].map((name) =>
    path(name, { renderer: quick, pane: MOVING }),
  );
  const touch = path("whatif-touch");
  const sketch = path("whatif-sketch");
  const layers = [differs, was, ...drawn, ...moving, touch, sketch];
  let faces = [];
  let pin = null;
  let turnOfFaces = 0;
  let split = null;
  let later = 0;

  function open(onTouch) {
    for (const layer of layers) layer.addTo(map);
    map.getContainer().classList.add("with-whatif");
    const element = touch.getElement();
    L.DomEvent.disableClickPropagation(element);
    element.addEventListener("pointerdown", onTouch);
  }

  // What can be touched is put in place once the line has been painted.
  function showLine(parts) {
    split = null;
    const lines = turn(parts);
    for (const layer of drawn) layer.setLatLngs(lines);
    for (const layer of moving) layer.setLatLngs([]);
    clearTimeout(later);
    later = setTimeout(() => touch.setLatLngs(lines), LATER_MS);
  }

  // While a point is dragged only the stretch that moves is drawn anew.
  function beginMove(parts, moved) {
    split = splitAt(parts, moved);
    const lines = turn(split.still);
    for (const layer of drawn) layer.setLatLngs(lines);
    move(parts);
    clearTimeout(later);
    touch.setLatLngs([]);
  }

  function move(parts) {
    const lines = split.moving.map(({ part, indexes }) => indexes.map((i) => parts[part][i]));
    const turned = turn(lines);
    for (const layer of moving) layer.setLatLngs(turned);
  }

  function clearFaces() {
    turnOfFaces += 1;
    for (const layer of faces) layer.remove();
    faces = [];
    differs.clearLayers();
    map.getContainer().classList.remove("with-preview");
  }

  function faceOf(feature) {
    const { category } = feature.properties;
    const fill = { fillColor: `url(#pattern-${category})`, fillOpacity: 1 };
    const look = stack.options(`face face--${category} face--preview face--waiting`, fill);
    const layer = L.geoJSON(feature, { style: () => look }).getLayers()[0];
    return stack.place(layer, "faces");
  }

  // Puts new faces up bit by bit, unseen, and then shows them all at once; `isWanted` is asked
  // before each bit.
  async function showFaces(answer, isWanted) {
    turnOfFaces += 1;
    const mine = turnOfFaces;
    const next = [];
    let started = performance.now();
    for (const feature of answer.layers.features) {
      if (performance.now() - started > BUDGET_MS) {
        await nextFrame();
        started = performance.now();
      }
      if (mine !== turnOfFaces || !isWanted()) {
        for (const layer of next) layer.remove();
        return;
      }
      next.push(faceOf(feature).addTo(map));
    }
    for (const layer of faces) layer.remove();
    faces = next;
    for (const layer of faces) layer.getElement().classList.remove("face--waiting");
    differs.clearLayers().addData(answer.differs);
    map.getContainer().classList.add("with-preview");
  }

  // Marks a place and brings it into sight.
  function showPin(place, label) {
    pin?.remove();
    pin = null;
    if (!place) return;
    const icon = L.divIcon({ className: "whatif-pin", iconSize: [28, 28] });
    const options = { icon, pane: MARKS, keyboard: false, interactive: false };
    pin = L.marker([place.lat, place.lon], options).addTo(map);
    pin.getElement().setAttribute("role", "img");
    pin.getElement().setAttribute("aria-label", label);
  }

  function close() {
    clearFaces();
    showPin(null);
    for (const layer of layers) layer.remove();
    renderer.remove();
    quick.remove();
    clearTimeout(later);
    map.getContainer().classList.remove("with-whatif");
  }

  return {
    pane: movingPane,
    open,
    close,
    showLine,
    beginMove,
    move,
    showFaces,
    clearFaces,
    showPin,
    showWas: (parts) => was.setLatLngs(turn(parts)),
    showSketch: (positions) => sketch.setLatLngs(turn([positions])),
  };
}
