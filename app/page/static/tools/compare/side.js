// Two maps beside each other (one above the other on a narrow screen) that move together.

import { el, svg } from "../../core/dom.js";
import { openLabels } from "../../map/labels.js";
import { openStack } from "../../map/svg_levels.js";
import { t } from "../../core/i18n.js";
import { openSettlement, rootOf } from "./draw.js";

// What both maps show alike is drawn once, and seen twice.
const SHARED = ["ground", "water", "outline"];
const KEPT = ["zoomSnap", "zoomDelta", "minZoom", "maxZoom", "zoomAnimation"];

// Either map follows the other; what follows does not lead.
function tie(one, other) {
  let busy = false;
  const follow = (from, to) => () => {
    if (busy) return;
    busy = true;
    to.setView(from.getCenter(), from.getZoom(), { animate: false });
    busy = false;
  };
  const [there, back] = [follow(one, other), follow(other, one)];
  one.on("move", there);
  other.on("move", back);
  return () => one.off("move", there);
}

// Shows the first map's levels in the second; the two count their pixels from different corners.
function mirror(one, other) {
  const [from, to] = [one, other].map(rootOf);
  const twins = SHARED.map((name) => {
    const level = from.querySelector(`:scope > .level--${name}`);
    level.id = `compare-level-${name}`;
    const twin = svg("use", { href: `#${level.id}` });
    to.querySelector(`:scope > .level--${name}`).append(twin);
    return [level, twin];
  });
  const align = () => {
    const { x, y } = one.getPixelOrigin().subtract(other.getPixelOrigin());
    for (const [, twin] of twins) twin.setAttribute("transform", `translate(${x} ${y})`);
  };
  const when = "viewreset zoomend moveend";
  one.on(when, align);
  other.on(when, align);
  align();
  return () => {
    one.off(when, align);
    for (const [level] of twins) level.removeAttribute("id");
  };
}

function openSecond(map, canvas) {
  const node = el("div", {
    class: "compare-map",
    role: "application",
    "aria-label": t("Map of B. It moves with the map of A; arrow keys move it, plus and minus zoom."),
  });
  canvas.append(node);
  canvas.classList.add("compare-side");
  const bounds = map.getBounds();
  map.invalidateSize({ animate: false });
  const kept = Object.fromEntries(KEPT.map((name) => [name, map.options[name]]));
  const second = L.map(node, { ...kept, zoomControl: false, attributionControl: false });
  const sized = new ResizeObserver(() => second.invalidateSize({ animate: false }));
  sized.observe(node);
  const remove = () => {
    sized.disconnect();
    second.remove();
    node.remove();
  };
  return { second, bounds, remove };
}

// `fit` keeps in sight what was in sight before, in maps half as large; without it the view stays.
export function openSide({ map }, canvas, { fit }) {
  const before = { center: map.getCenter(), zoom: map.getZoom() };
  const { second, bounds, remove } = openSecond(map, canvas);
  if (fit) map.fitBounds(bounds, { animate: false });
  second.setView(map.getCenter(), map.getZoom(), { animate: false });
  const after = { center: map.getCenter(), zoom: map.getZoom() };
  const stack = openStack(second);
  const [faces, front] = ["faces", "front"].map((name) =>
    rootOf(second).querySelector(`:scope > .level--${name}`),
  );
  const settlement = openSettlement(second, stack, { faces, front });
  const labels = openLabels(second);
  const untie = tie(map, second);
  const unmirror = mirror(map, second);

  return {
    maps: [{ map }, { map: second, stack }],
    show(bundle) {
      settlement.show(bundle);
      labels.show(bundle);
    },
    follow: settlement.follow,
    leave() {
      untie();
      unmirror();
      remove();
      canvas.classList.remove("compare-side");
      const stayed = map.getZoom() === after.zoom && map.getCenter().equals(after.center, 1e-6);
      map.invalidateSize({ animate: false });
      if (stayed) map.setView(before.center, before.zoom, { animate: false });
    },
  };
}
