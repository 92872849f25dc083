// Puts the page together: reads its data block, opens the parts, and keeps them in step.

import { homeOf, openFragment, readState, takeUnknown, writeState } from "./url.js";
import { openBackground } from "../map/background.js";
import { openDays } from "../controls/days.js";
import { byId, narrow } from "./dom.js";
import { faceKey, openFaces } from "../map/faces.js";
import { openInspector } from "../summary/inspector.js";
import { openInstrument } from "./tool_context.js";
import { openLabels } from "../map/labels.js";
import { lang, langQuery } from "./i18n.js";
import { openLegend } from "../map/legend.js";
import { drawOutline } from "../map/outline.js";
import { openNotices } from "./messages.js";
import { openPanels } from "./tool_panel.js";
import { openPlaces } from "../map/clause_markers.js";
import { openPlacing } from "../controls/search_box.js";
import { openPointing } from "../map/pick.js";
import { openResident, openUnseen } from "./open_tool.js";
import { openSelectors } from "../controls/selectors.js";
import { openSource } from "./api.js";
import { openStack } from "../map/svg_levels.js";
import { openState, stateOf } from "./state.js";
import { showHeadline } from "../summary/statistics.js";
import { openView } from "../map/viewport.js";

const config = JSON.parse(byId("point21-data").textContent);
const map = window[config.map];
const home = homeOf(config.offer);
const first = stateOf(config.bundles[0].identity, lang);
const source = openSource(config, home);

const unknown = takeUnknown();
const fragment = openFragment();
const view = openView(map, { config, fragment });
const stack = openStack(map);
const inspector = openInspector({ onClose: () => faces.choose(null, "closed") });
const faces = openFaces(map, stack, {
  onSelect: (face, { by }) => {
    if (face) inspector.showFace(face);
    else inspector.showText();
    if (!by) return;
    fragment.set("area", face && faceKey(face).replace(" ", ":"));
    if (!face) {
      placing.left();
      return;
    }
    tellPlace(face, by);
    bringUp({ by });
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
    faces.choose(null, "closed");
    inspector.showClause(clause);
    bringUp(how);
  },
});
const legend = openLegend({
  fragment,
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
const days = openDays(first, config.offer.dates);
const notices = openNotices({
  offer: config.offer,
  unknown,
  onRetry: (asked) => state.go(asked),
});
const selectors = openSelectors({
  offer: config.offer,
  days,
  onAsk: (change, options) => state.go(change, options),
  onReadings: () => panels.show("readings"),
});
const state = openState({
  source,
  days,
  first,
  plans: config.offer.plans,
  home,
  tell: (news) => {
    notices.tell(news);
    selectors.tell(news);
  },
  write: (shown, options) => config.mode === "served" && writeState(shown, home, options),
  show: (bundle) => {
    inspector.setBundle(bundle);
    legend.show(bundle);
    faces.show(bundle);
    places.show(bundle);
    labels.show(bundle);
    showHeadline(bundle);
    selectors.showReadings(bundle, state.shown().readings);
    latest = bundle;
    if (complete) shown(bundle);
    Object.assign(byId("page").dataset, { plan: bundle.identity.plan, date: bundle.identity.date });
  },
});
const { instrument, shown, placed } = openInstrument({
  ...{ config, days, home, source, map, stack, fragment },
  state: () => state,
  panels: () => panels,
});
const panels = openPanels(instrument);
const placing = openPlacing(instrument, { inspector, faces });
let complete = false;
let latest = null;

const tellPlace = openPointing(map, { faces: () => latest.faces, onPlace: placed });

// Map and caption are brought into sight together; the keyboard goes on in the caption.
function bringUp({ by }) {
  if (by && narrow.matches) byId("canvas").scrollIntoView({ block: "start" });
  if (by === "keyboard") byId("inspector").focus({ preventScroll: narrow.matches });
}

// The map and its sentence come first; the tables follow as soon as those have been painted.
async function fillTables() {
  complete = true;
  if (latest) {
    drawOutline(map, stack, latest.faces);
    shown(latest);
    if (!config.embedded) await openTools();
  }
  await openUnseen("print", instrument);
  document.documentElement.dataset.complete = "true";
}

// What stands around the map; a frame of another page shows the map alone.
async function openTools() {
  openAsLinked();
  nameGrounds();
  await Promise.all(["ledger", "trust"].map((name) => openResident(name, instrument)));
}

async function nameGrounds() {
  if (selectors.hasGrounds) selectors.nameGrounds(await instrument.getJson(`api/sources${langQuery}`));
}

// Panel and area named behind the #; what is not there is not opened.
function openAsLinked() {
  const area = fragment.get("area");
  faces.choose(area ? area.replace(":", " ") : null);
  const panel = fragment.get("panel");
  if (panel) panels.show(panel, { push: false });
  else panels.hide({ push: false });
  placing.restore();
}

function afterPainting(task) {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(task)));
}

function tellDrawn() {
  performance.mark("point21:drawn");
  document.documentElement.dataset.ready = "true";
  afterPainting(fillTables);
}

async function start() {
  view.frame();
  // In a frame the wheel belongs to the page around it; buttons and keys still zoom.
  if (config.embedded) map.scrollWheelZoom.disable();
  legend.apply();
  const opened = state.go(readState(first), { remember: false });
  background.draw(source.background());
  await Promise.allSettled([opened]);
  tellDrawn();
}

addEventListener("popstate", () => {
  const asked = readState(first);
  if (!state.isShown(asked)) state.go(asked, { remember: false });
});
fragment.onChange(openAsLinked);
view.keep();
start();
