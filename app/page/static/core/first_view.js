// What is shown before Leaflet is there: the figures and words of the bundle that the page carries,
// around the picture of the first view. The rest of the page opens with the map: start().
//
// Where words and map lie side by side the map is painted first and the words follow in the next
// frame: to lay them out takes as long as everything else. Where the map lies under the words they
// come together, so that it does not move.

import { byId, narrow } from "./dom.js";
import { openInspector } from "../summary/inspector.js";
import { lang } from "./i18n.js";
import { openLegend } from "../map/legend.js";
import { afterPainting, begin, placePicture } from "../map/first_picture.js";
import { showReadings } from "../controls/selectors.js";
import { stateOf } from "./state.js";
import { showHeadline } from "../summary/statistics.js";

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

// Whether this browser has held its first painting back until now.
function isUnseen() {
  return document.createElement("link").blocking?.supports("render") === true;
}

export function openFirst(start) {
  const config = JSON.parse(byId("point21-data").textContent);
  const isMapFirst = !narrow.matches && !config.embedded && !window.L && isUnseen();
  if (!isMapFirst) showWords(config.bundles[0]);
  byId("page").classList.toggle("map-first", isMapFirst);
  placePicture(() => {
    leaveRoom(byId("notes").offsetHeight);
    const { width, height } = byId("canvas").getBoundingClientRect();
    return { view: firstView(config), width, height };
  });
  const isPainted = afterPainting();
  if (isMapFirst) {
    isPainted.then(() => {
      byId("page").classList.remove("map-first");
      showWords(config.bundles[0]);
    });
  }
  begin(config, isPainted, start);
}
