// What is shown before Leaflet is there: the figures and words of the bundle that the page carries,
// around the picture of the first view. The rest of the page opens with the map: start().

import { byId } from "./dom.js";
import { openInspector } from "./inspector.js";
import { lang } from "./language.js";
import { openLegend } from "./legend.js";
import { begin } from "./picture.js";
import { showReadings } from "./selectors.js";
import { stateOf } from "./state.js";
import { showHeadline } from "./statistics.js";

const PADDING_PX = { narrow: 4, wide: 16 };

const NARROW_PX = 760;

// A narrow map starts where something changes, a wide one with the whole country.
export function firstView({ bounds, focus, snap }) {
  const isNarrow = byId("canvas").clientWidth < NARROW_PX;
  const padding = isNarrow ? PADDING_PX.narrow : PADDING_PX.wide;
  return { bounds: isNarrow ? focus : bounds, padding, snap };
}

function showWords(bundle) {
  const inspector = openInspector({ onClose() {} });
  inspector.setBundle(bundle);
  inspector.showText();
  openLegend({ onToggle() {} }).show(bundle);
  showHeadline(bundle);
  showReadings(bundle, stateOf(bundle.identity, lang).readings);
}

// Map and drawer leave room for the notes, which stay in sight. Only those two are told: a property
// of the whole page would have all of it styled anew.
export function leaveRoom(heightPx) {
  for (const node of document.querySelectorAll(".stage, .drawer")) {
    node.style.setProperty("--notes", `${heightPx}px`);
  }
  document.documentElement.style.scrollPaddingBottom = `calc(${heightPx}px + 0.5rem)`;
}

export function openFirst(start) {
  const config = JSON.parse(byId("point21-data").textContent);
  showWords(config.bundles[0]);
  const view = firstView(config);
  leaveRoom(byId("notes").offsetHeight);
  begin(config, view, start);
}
