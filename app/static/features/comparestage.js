// The map while two settlements are compared: which view, the names of both, what differs.

import { byId, el } from "../dom.js";
import { addHatch, openDifferences } from "./comparedraw.js";
import { openSide } from "./compareside.js";
import { openSwipe } from "./compareswipe.js";

const CLOSEST = 9;

function openBadges(canvas) {
  const [a, b] = ["a", "b"].map((side) => {
    const name = el("span", {});
    const letter = el("strong", {}, side.toUpperCase());
    const badge = el("p", { class: `compare-badge compare-badge--${side}` }, letter, " ", name);
    canvas.append(badge);
    return { badge, name };
  });
  return {
    name(side, words) {
      (side === "a" ? a : b).name.textContent = words;
    },
    leave() {
      a.badge.remove();
      b.badge.remove();
    },
  };
}

export function openStage(instrument, { onRest }) {
  const canvas = byId("canvas");
  const removeHatch = addHatch();
  const badges = openBadges(canvas);
  const ending = new AbortController();
  let opened = null;
  let layers = [];
  let shown = { bundle: null, differences: [], only: false, pair: null };

  function drawDifferences() {
    for (const layer of layers) {
      layer.show(shown.differences, shown.only);
      layer.pick(shown.pair);
    }
  }

  function close() {
    for (const layer of layers) layer.leave();
    layers = [];
    opened?.view.leave();
    opened = null;
  }

  // Opens another view; what is compared stays.
  function setView(kind, { at, fit = false }) {
    if (opened?.kind === kind) {
      opened.view.set?.(at);
      return;
    }
    close();
    const view =
      kind === "side"
        ? openSide(instrument, canvas, { fit })
        : openSwipe(instrument, canvas, { at, onRest });
    opened = { kind, view };
    layers = view.maps.map(({ map, stack = instrument.stack }) => openDifferences(map, stack));
    if (shown.bundle) view.show(shown.bundle);
    drawDifferences();
  }

  // Moves the map only as far as it takes to see all of it.
  function bringIntoView(pair) {
    if (!layers.length) return;
    const bounds = layers[0].boundsOf(pair);
    if (!bounds.isValid() || instrument.map.getBounds().contains(bounds)) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    instrument.map.fitBounds(bounds, { maxZoom: CLOSEST, animate: !still, padding: [24, 24] });
  }

  function pick(pair) {
    shown = { ...shown, pair };
    for (const layer of layers) layer.pick(pair);
    if (pair) bringIntoView(pair);
  }

  const { signal } = ending;
  document.addEventListener(
    "change",
    ({ target }) => target.matches?.("[data-layer]") && opened?.view.follow(),
    { signal },
  );

  return {
    setView,
    pick,
    bringIntoView,
    name: badges.name,
    isOpen: () => opened !== null,
    // The second settlement and the land that differs, together.
    show(bundle, differences, only) {
      shown = { bundle, differences, only, pair: null };
      opened?.view.show(bundle);
      drawDifferences();
    },
    setOnly(only) {
      shown = { ...shown, only };
      drawDifferences();
    },
    // The first settlement has changed: what was said to differ no longer does.
    clear() {
      shown = { ...shown, differences: [], only: false, pair: null };
      drawDifferences();
    },
    leave() {
      ending.abort();
      close();
      badges.leave();
      removeHatch();
    },
  };
}
