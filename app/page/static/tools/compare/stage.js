// The map while two settlements are compared: which view, the names of both, what differs.

import { byId, el } from "../../core/dom.js";
import { addHatch, openDifferences } from "./draw.js";
import { openSide } from "./side.js";
import { openSwipe } from "./swipe.js";

const CLOSEST = 9;
const NEARLY_DEG = 0.02;

function openBadges(canvas) {
  const [a, b] = ["a", "b"].map((side) => {
    const name = el("span", {});
    const letter = el("strong", {}, side.toUpperCase());
    const attributes = { class: `compare-badge compare-badge--${side}`, hidden: true };
    const badge = el("p", attributes, letter, " ", name);
    canvas.append(badge);
    return { badge, name };
  });
  return {
    name(side, words) {
      const which = side === "a" ? a : b;
      which.name.textContent = words;
      which.badge.hidden = false;
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
  const { map } = instrument;
  const view = () => ({ center: map.getCenter(), zoom: map.getZoom() });
  let layers = [];
  let led = null;
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
    const made =
      kind === "side"
        ? openSide(instrument, canvas, { fit })
        : openSwipe(instrument, canvas, { at, onRest });
    opened = { kind, view: made };
    layers = made.maps.map(({ map: one, stack = instrument.stack }) => openDifferences(one, stack));
    if (shown.bundle) made.show(shown.bundle);
    drawDifferences();
  }

  // Moves the map only as far as it takes to see all of it.
  function bringIntoView(pair, animate) {
    if (!layers.length) return;
    const bounds = layers[0].boundsOf(pair);
    if (!bounds.isValid() || map.getBounds().contains(bounds)) return;
    map.fitBounds(bounds, { maxZoom: CLOSEST, animate, padding: [24, 24] });
  }

  // What differs, for somebody who has not looked for it; who leaves at once is led back.
  function showWhere() {
    const before = view();
    bringIntoView(null, false);
    led ??= { from: before };
    led.to = view();
  }

  function leadBack() {
    if (!led || map.getZoom() !== led.to.zoom) return;
    // A map of another size rounds its centre.
    if (map.getCenter().equals(led.to.center, NEARLY_DEG)) map.setView(led.from.center, led.from.zoom, { animate: false });
  }

  function pick(pair) {
    shown = { ...shown, pair };
    for (const layer of layers) layer.pick(pair);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (pair) bringIntoView(pair, !still);
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
    showWhere,
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
      leadBack();
      badges.leave();
      removeHatch();
    },
  };
}
