// Handles on the points of the line: chosen, dragged, inserted and deleted by mouse, finger or key.

import { el } from "../../../core/dom.js";
import { t } from "../../../core/i18n.js";
import { openDrag } from "./drag.js";
import { beginMove, insertAfter, kmPerDegree, middleAfter, removePoint } from "./line.js";
import { nearestTo, pickMiddles, pickPoints, planePoints } from "./points.js";

const FINE = { point: 26, middle: 58, hit: 10 };
const COARSE = { point: 44, middle: 96, hit: 18 };
const ARROWS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };
const MARGIN_PX = 30;

const same = (a, b) => a?.part === b?.part && a?.index === b?.index;
const inOrder = (a, b) => a.part - b.part || a.index - b.index;

// `act` knows the line and is told what becomes of it:
// parts(), reachKm(), stepKm(), begin(parts, moved), moving(parts), commit(parts, {kind, words}),
// cancel(), chose(at), leave().
export function openHandles(map, pane, act) {
  const coarse = matchMedia("(pointer: coarse)");
  const group = el("div", { class: "whatif-handles", role: "group" });
  group.setAttribute("aria-label", t("Points of the line"));
  const drag = openDrag();
  const nodes = new Map();
  let [plane, picked, chosen, visible] = [[], [], null, false];

  const sizes = () => (coarse.matches ? COARSE : FINE);
  const keyOf = ({ part, index }, kind) => `${kind} ${part} ${index}`;
  const nodeOf = (at) => nodes.get(keyOf(at, "point"));

  function place(node, { x, y }) {
    const origin = map.getPixelOrigin();
    const [left, top] = [Math.round(x - origin.x), Math.round(y - origin.y)];
    // In the plane: a transform in space would make a layer of pixels of each.
    node.style.transform = `translate(${left}px, ${top}px)`;
  }

  function nameOf({ part, index }) {
    const parts = act.parts();
    const known = { point: index + 1, points: parts[part].length, part: part + 1, parts: parts.length };
    return t("Point {point} of {points}, part {part} of {parts}", known);
  }

  function make(at, kind) {
    const isPoint = kind === "point";
    const node = isPoint
      ? el("button", { type: "button", class: "whatif-point", tabindex: "-1" })
      : el("span", { class: "whatif-middle", "aria-hidden": "true" });
    if (isPoint) node.setAttribute("aria-label", nameOf(at));
    Object.assign(node.dataset, { kind, part: at.part, index: at.index });
    group.append(node);
    return node;
  }

  // Handles that are wanted stay the same nodes, so that the one in focus keeps it.
  function put(wanted) {
    const gone = new Set(nodes.keys());
    for (const { at, kind } of wanted) {
      const key = keyOf(at, kind);
      gone.delete(key);
      if (!nodes.has(key)) nodes.set(key, make(at, kind));
      place(nodes.get(key), at);
    }
    for (const key of gone) {
      nodes.get(key).remove();
      nodes.delete(key);
    }
  }

  // One handle can be reached by Tab: the chosen one, else the one nearest to the middle.
  function setTabStop(shown) {
    const middle = map.getPixelBounds().getCenter();
    const away = (at) => Math.hypot(at.x - middle.x, at.y - middle.y);
    const nearest = [...shown].sort((a, b) => away(a) - away(b))[0];
    const stop = shown.find((at) => same(at, chosen)) ?? nearest;
    for (const [key, node] of nodes) {
      if (!key.startsWith("point")) continue;
      const at = { part: Number(node.dataset.part), index: Number(node.dataset.index) };
      node.tabIndex = same(at, stop) ? 0 : -1;
      if (same(at, chosen)) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    }
  }

  function layOut() {
    if (!visible || drag.isRunning()) return;
    const parts = act.parts();
    if (chosen && !parts[chosen.part]?.[chosen.index]) chosen = null;
    plane = planePoints(map, parts);
    const bounds = map.getPixelBounds();
    const margin = L.point(MARGIN_PX, MARGIN_PX);
    const wide = L.bounds(bounds.min.subtract(margin), bounds.max.add(margin));
    const inSight = ({ x, y }) => wide.contains([x, y]);
    picked = pickPoints(plane, parts, sizes().point, chosen).sort(inOrder);
    const shown = picked.filter((at) => inSight(at) || same(at, chosen));
    const middles = pickMiddles(plane, sizes().middle).filter(inSight);
    put([
      ...shown.map((at) => ({ at, kind: "point" })),
      ...middles.map((at) => ({ at, kind: "middle" })),
    ]);
    setTabStop(shown);
  }

  function choose(at, { focus = false } = {}) {
    chosen = at ? { part: at.part, index: at.index } : null;
    layOut();
    if (chosen && focus) nodeOf(chosen)?.focus({ preventScroll: true });
    act.chose(chosen);
  }

  function commit(parts, at, { focus = true, ...more }) {
    chosen = at;
    act.commit(parts, more);
    choose(at, { focus });
  }

  // --- dragging ---

  function placeMoved(parts, moved) {
    for (const at of moved) {
      const node = nodeOf(at);
      const [lon, lat] = parts[at.part][at.index];
      if (node) place(node, map.project([lat, lon], map.getZoom()));
    }
  }

  // Begins at a point; `before` is the line with the point in it.
  function dragPoint(event, at, before, { isNew }) {
    const box = map.getContainer().getBoundingClientRect();
    const [lon, lat] = before[at.part][at.index];
    const start = map.latLngToContainerPoint([lat, lon]);
    const grab = [event.clientX - box.left - start.x, event.clientY - box.top - start.y];
    let [mover, parts] = [null, before];
    const position = (x, y) => {
      const point = L.point(x - box.left - grab[0], y - box.top - grab[1]);
      const { lat: north, lng: east } = map.containerPointToLatLng(point);
      return [east, north];
    };
    group.classList.add("whatif-handles--dragging");
    const done = () => group.classList.remove("whatif-handles--dragging");
    drag.start(event, keyOf(at, isNew ? "new" : "point"), {
      begin() {
        mover = beginMove(before, at, act.reachKm());
        act.begin(before, mover.moved);
      },
      move(x, y) {
        parts = mover.to(position(x, y));
        placeMoved(parts, isNew ? [] : mover.moved);
        act.moving(parts);
      },
      end() {
        done();
        commit(parts, at, { words: t("Point moved.") });
      },
      cancel() {
        done();
        act.cancel();
        layOut();
      },
      tap(isSecond) {
        done();
        if (isSecond && !isNew) remove(at);
        else if (isNew) commit(before, at, { words: t("Point inserted.") });
        else choose(at, { focus: true });
      },
    });
  }

  function insertAndDrag(event, after, position) {
    const before = insertAfter(act.parts(), after, position);
    dragPoint(event, { part: after.part, index: after.index + 1 }, before, { isNew: true });
  }

  function onPointerDown(event) {
    const node = event.target.closest("[data-kind]");
    if (!node) return;
    const at = { part: Number(node.dataset.part), index: Number(node.dataset.index) };
    const parts = act.parts();
    if (node.dataset.kind === "point") dragPoint(event, at, parts, { isNew: false });
    else insertAndDrag(event, at, middleAfter(parts, at));
  }

  // On the line itself: the point that is there, or else a new one.
  function onLinePointerDown(event) {
    const box = map.getContainer().getBoundingClientRect();
    const point = L.point(event.clientX - box.left, event.clientY - box.top);
    const found = nearestTo(plane, point.add(map.getPixelBounds().min));
    if (found.distance > 2 * sizes().hit) return;
    const long = Math.hypot(found.b.x - found.a.x, found.b.y - found.a.y);
    const near = [found.t * long, (1 - found.t) * long];
    const parts = act.parts();
    const nearest = near[0] <= near[1] ? 0 : 1;
    if (near[nearest] < sizes().hit) {
      const at = { part: found.part, index: found.index + nearest };
      dragPoint(event, at, parts, { isNew: false });
      return;
    }
    const [a, b] = [parts[found.part][found.index], parts[found.part][found.index + 1]];
    const spot = [0, 1].map((axis) => a[axis] + found.t * (b[axis] - a[axis]));
    insertAndDrag(event, found, spot);
  }

  // --- keys and buttons ---

  function bringIntoSight(at) {
    const [lon, lat] = act.parts()[at.part][at.index];
    map.panInside([lat, lon], { padding: [60, 60], animate: false });
  }

  function step([east, north]) {
    if (!chosen) return;
    const at = chosen;
    const [lon, lat] = act.parts()[at.part][at.index];
    const [lonKm, latKm] = kmPerDegree(lat);
    const km = act.stepKm();
    const to = [lon + (east * km) / lonKm, lat + (north * km) / latKm];
    const parts = beginMove(act.parts(), at, act.reachKm()).to(to);
    const focus = group.contains(document.activeElement);
    commit(parts, at, { focus, kind: `step ${keyOf(at, "point")}`, words: t("Point moved.") });
    bringIntoSight(at);
  }

  function insert({ focus = group.contains(document.activeElement) } = {}) {
    if (!chosen) return;
    const parts = act.parts();
    const isLast = chosen.index + 1 >= parts[chosen.part].length;
    const after = { part: chosen.part, index: chosen.index - (isLast ? 1 : 0) };
    const at = { part: after.part, index: after.index + 1 };
    const longer = insertAfter(parts, after, middleAfter(parts, after));
    commit(longer, at, { focus, words: t("Point inserted.") });
  }

  function remove(at = chosen, { focus = group.contains(document.activeElement) } = {}) {
    if (!at) return;
    const parts = act.parts();
    const fewer = removePoint(parts, at);
    const left = fewer.length === parts.length ? fewer[at.part].length : 0;
    const next = left ? { part: at.part, index: Math.min(at.index, left - 1) } : null;
    const words = left ? t("Point deleted.") : t("The part had too few points left and was deleted.");
    commit(fewer, next, { focus, words });
  }

  // Along the line, over the points that have a handle at this zoom.
  function go(by, { focus = true } = {}) {
    if (!picked.length) return;
    const middle = map.getPixelBounds().getCenter();
    const away = ({ x, y }) => Math.hypot(x - middle.x, y - middle.y);
    const here = chosen
      ? picked.findIndex((at) => same(at, chosen))
      : picked.reduce((best, at, row) => (away(at) < away(picked[best]) ? row : best), 0) - by;
    goTo(picked[(here + by + picked.length) % picked.length], { focus });
  }

  function goTo(at, { focus }) {
    chosen = { part: at.part, index: at.index };
    bringIntoSight(chosen);
    choose(chosen, { focus });
  }

  function goToEnd(last) {
    const { part } = chosen ?? picked[0] ?? {};
    if (part === undefined) return;
    goTo({ part, index: last ? act.parts()[part].length - 1 : 0 }, { focus: true });
  }

  const KEYS = {
    PageDown: () => go(1),
    PageUp: () => go(-1),
    Home: () => goToEnd(false),
    End: () => goToEnd(true),
    Insert: () => insert(),
    "+": () => insert(),
    Delete: () => remove(),
    Backspace: () => remove(),
    Enter: () => chooseFocused(),
    " ": () => chooseFocused(),
    Escape: () => act.leave(),
  };

  function chooseFocused() {
    const { part, index } = document.activeElement.dataset;
    choose({ part: Number(part), index: Number(index) }, { focus: true });
  }

  function onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || drag.isRunning()) return;
    const arrow = ARROWS[event.key];
    if (!arrow && !KEYS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    if (!chosen && (arrow || event.key !== "Escape")) chooseFocused();
    if (arrow) step(arrow);
    else KEYS[event.key]();
  }

  group.addEventListener("pointerdown", onPointerDown);
  group.addEventListener("keydown", onKeyDown);
  L.DomEvent.disableClickPropagation(group);

  function show(is) {
    if (is === visible) return layOut();
    visible = is;
    if (is) {
      pane.append(group);
      map.on("moveend zoomend resize", layOut);
      layOut();
    } else {
      drag.cancel();
      map.off("moveend zoomend resize", layOut);
      group.remove();
    }
    return undefined;
  }

  return {
    show,
    layOut,
    choose,
    chosen: () => chosen,
    insert,
    remove,
    step,
    go,
    onLinePointerDown,
    isDragging: drag.isRunning,
    shown: () => nodes.size,
  };
}
