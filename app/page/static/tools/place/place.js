// A chosen place: marked on the map, kept in the link, and read below the map in the state shown.
// It is asked anew whenever plan, day or reading changes; an answer that was overtaken is dropped.

import { byId, el, narrow } from "../../core/dom.js";
import { faceKey } from "../../map/faces.js";
import { lang, t } from "../../core/i18n.js";
import { nameOf } from "../../core/format.js";
import { describe, summary } from "./caption.js";
import { findCarried, isFarOutside, locateCarried, outsideError } from "./without_server.js";
import { openSearch } from "../search/search.js";

const MATCHES = 8;
const OUTSIDE = "outside-country";
const DIGITS = 5;

function toFragment({ lon, lat }) {
  return `${lat.toFixed(DIGITS)},${lon.toFixed(DIGITS)}`;
}

function fromFragment(text) {
  const parts = (text ?? "").split(",").map(Number);
  if (parts.length !== 2 || !parts.every(Number.isFinite)) return null;
  const [lat, lon] = parts;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

// A ring around the place, in two lines so that it shows on any ground.
function openMark({ map, stack }) {
  const rings = ["casing", "ring"].map((part) =>
    stack.place(
      L.circleMarker([0, 0], stack.options(`chosen-place chosen-place--${part}`, { radius: 8 })),
      "highlight",
    ),
  );
  return {
    at({ lat, lon }) {
      for (const ring of rings) ring.setLatLng([lat, lon]).addTo(map);
      if (!map.getBounds().pad(-0.04).contains([lat, lon])) map.panTo([lat, lon]);
    },
    off() {
      for (const ring of rings) ring.remove();
    },
  };
}

export function open(instrument, { input, list, inspector, faces }) {
  const { map, fragment, config } = instrument;
  const served = config.mode === "served";
  const mark = openMark(instrument);
  let chosen = null;
  let told = null;
  let running = null;

  function faceOf({ oblast, held_by: heldBy }) {
    const wanted = faceKey({ oblast, held_by: heldBy });
    const all = instrument.bundle().faces.features.map(({ properties }) => properties);
    return all.find((face) => faceKey(face) === wanted) ?? null;
  }

  async function ask({ lon, lat }, signal) {
    if (!served) return locateCarried(config.bundles, instrument.bundle(), { lon, lat });
    if (isFarOutside(instrument.bundle(), { lon, lat })) throw outsideError();
    const query = instrument.query(undefined, { lon, lat });
    const { matches } = await instrument.getJson(`api/locate?${query}`, { signal });
    return matches[0];
  }

  // Shows what is known; the area it lies in is shown as chosen, whoever holds it now.
  function draw() {
    const face = told && faceOf(told);
    if (!face) return;
    faces.choose(faceKey(face));
    inspector.showFace(face, describe(told, { instrument, face, onGo: instrument.go }));
  }

  function tellOutside() {
    const words = t(
      "This is outside Ukraine’s internationally recognised borders, or at sea. The text and " +
        "this map speak of what lies inside.",
    );
    inspector.showWords(t("Nothing is said of this place"), words);
    instrument.say(words);
  }

  // No answer is no statement about the place: it says so, and can be asked again.
  function tellFailure({ message }) {
    const words = t("What is said of this place could not be loaded. {message}", { message });
    const again = el("button", { type: "button" }, t("Try again"));
    again.addEventListener("click", () => read({ aloud: true }));
    inspector.showWords(t("This place could not be loaded"), words, el("p", {}, again));
    instrument.say(words);
  }

  function tellTrouble(error) {
    faces.choose(null);
    fragment.set("area", null);
    const isOutside = error.outside || error.problem?.type?.endsWith(OUTSIDE);
    if (isOutside) tellOutside();
    else tellFailure(error);
  }

  // Reads the place in the state shown; aloud too when somebody has just chosen it by name.
  async function read({ aloud = false } = {}) {
    if (!chosen) return;
    running?.abort();
    const mine = new AbortController();
    running = mine;
    byId("inspector").setAttribute("aria-busy", "true");
    try {
      const found = await ask(chosen, mine.signal);
      if (running !== mine) return;
      told = found;
      draw();
      if (aloud) instrument.say(summary(found, instrument));
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      told = null;
      tellTrouble(error);
    } finally {
      if (running === mine) byId("inspector").removeAttribute("aria-busy");
    }
  }

  function choose({ lon, lat }, { push = true, aloud = false } = {}) {
    chosen = { lon, lat };
    told = null;
    fragment.set("place", toFragment(chosen), { push });
    mark.at(chosen);
    return read({ aloud });
  }

  function leave() {
    running?.abort();
    running = null;
    chosen = null;
    told = null;
    mark.off();
    fragment.set("place", null);
    byId("inspector").removeAttribute("aria-busy");
  }

  // The place of the link: nothing to do when it is the one shown, but the caption is drawn again.
  function restore() {
    const linked = fromFragment(fragment.get("place"));
    if (!linked) {
      if (chosen) leave();
      return;
    }
    if (chosen && toFragment(chosen) === toFragment(linked)) draw();
    else choose(linked, { push: false });
  }

  async function find(text, signal) {
    if (!served) return { matches: findCarried(instrument.bundle(), text, MATCHES), note: "" };
    const query = instrument.query(undefined, { q: text, limit: MATCHES });
    return instrument.getJson(`api/search?${query}`, { signal });
  }

  function onChoose(match) {
    if (match.kind === "oblast") {
      showOblast(match);
    } else {
      fragment.set("area", null);
      choose(match, { aloud: true });
    }
    if (!narrow.matches) return;
    input.blur();
    byId("canvas").scrollIntoView({ block: "start" });
  }

  // All of an oblast in sight, its largest part chosen; the caption leads to the others.
  function showOblast({ oblast, lat, lon }) {
    const parts = instrument.bundle().faces.features.filter(
      ({ properties }) => properties.oblast === oblast,
    );
    const bounds = L.geoJSON({ type: "FeatureCollection", features: parts }).getBounds();
    if (!map.getBounds().contains(bounds)) map.fitBounds(bounds, { animate: false });
    parts.sort((a, b) => b.properties.area_km2 - a.properties.area_km2);
    if (!parts.length) {
      choose({ lat, lon }, { aloud: true });
      return;
    }
    leave();
    const { properties } = parts[0];
    faces.choose(faceKey(properties));
    fragment.set("area", `${properties.oblast}:${properties.held_by}`, { push: true });
    instrument.say(`${nameOf(properties)}: ${properties.label}`);
  }

  instrument.onShow(() => read());
  const box = openSearch({ input, list, find, onChoose, say: instrument.say });
  input.lang = lang;

  return { choose, leave, restore, search: () => input.value.trim() && box.look() };
}
