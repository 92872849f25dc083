// Puts the page together: reads its data block, opens the parts, and keeps them in step.

import { openBackground } from "./background.js";
import { byId } from "./dom.js";
import { openFaces } from "./faces.js";
import { openInspector } from "./inspector.js";
import { openLabels } from "./labels.js";
import { openLegend } from "./legend.js";
import { drawOutline } from "./outline.js";
import { openPlaces } from "./places.js";
import { openSelectors } from "./selectors.js";
import { SourceError, openSource } from "./source.js";
import { openStack } from "./stack.js";
import { fromAddress, openState, takeUnknown } from "./state.js";
import { showHeadline, showStatistics } from "./statistics.js";

const config = JSON.parse(byId("point21-data").textContent);
const map = window[config.map];
const source = openSource(config);
const narrow = matchMedia("(max-width: 899px)");

const stack = openStack(map);
const inspector = openInspector({ onClose: () => faces.choose(null) });
const faces = openFaces(map, stack, {
  onSelect: (face, how) => {
    if (face) inspector.showFace(face);
    else inspector.showText();
    if (face) bringUp(how);
  },
});
const background = openBackground(map, stack, {
  onTrouble: (words) => {
    byId("status").textContent = words;
  },
});
const labels = openLabels(map);
const places = openPlaces(map, {
  onSelect: (clause, how) => {
    faces.choose(null);
    inspector.showClause(clause);
    bringUp(how);
  },
});
const legend = openLegend({
  onToggle: (name, visible) => {
    if (name === "tiles") {
      background.showTiles(visible);
      byId("page").classList.toggle("with-tiles", visible);
      return;
    }
    if (name === "oblasts" || name === "towns") labels.toggle(name, visible);
    if (name !== "towns") faces.toggle(name, visible);
  },
});
const selectors = openSelectors({
  onAsk: (asked) => state.go(asked),
  unknown: takeUnknown(),
});
const state = openState({
  source,
  keepAddress: config.mode === "served",
  tell: selectors.tell,
  show: (bundle) => {
    inspector.setBundle(bundle);
    legend.show(bundle);
    faces.show(bundle);
    places.show(bundle);
    labels.show(bundle);
    showHeadline(bundle);
    if (complete) showStatistics(bundle);
    latest = bundle;
    Object.assign(byId("page").dataset, { plan: bundle.identity.plan, date: bundle.identity.date });
  },
});
let complete = false;
let latest = null;

// Map and caption are brought into sight together; the keyboard goes on in the caption.
function bringUp({ by }) {
  if (by && narrow.matches) byId("canvas").scrollIntoView({ block: "start" });
  if (by === "keyboard") byId("inspector").focus({ preventScroll: narrow.matches });
}

// A narrow screen starts where something changes, a wide one with the whole country.
function frame() {
  const padding = narrow.matches ? [4, 4] : [16, 16];
  map.fitBounds(narrow.matches ? config.focus : config.bounds, { animate: false, padding });
}

// The map and its sentence come first; the tables follow as soon as those have been painted.
function fillTables() {
  complete = true;
  if (latest) {
    showStatistics(latest);
    drawOutline(map, stack, latest.faces);
  }
  document.documentElement.dataset.complete = "true";
}

function afterPainting(task) {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(task)));
}

function tellDrawn() {
  performance.mark("point21:drawn");
  document.documentElement.dataset.ready = "true";
  afterPainting(fillTables);
}

// The background is drawn at once if the page carries it, or else as soon as it comes.
async function drawBackground(found) {
  try {
    background.show(found instanceof Promise ? await found : found);
  } catch (error) {
    byId("status").textContent = "The background map could not be loaded.";
    if (!(error instanceof SourceError)) throw error;
  }
}

async function start() {
  frame();
  legend.apply();
  const opened = [state.go(fromAddress(config), { remember: false })];
  opened.push(drawBackground(source.background()));
  await Promise.allSettled(opened);
  tellDrawn();
}

addEventListener("popstate", () => state.go(fromAddress(config), { remember: false }));
start();
