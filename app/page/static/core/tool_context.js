// What a feature is given: the map, the state and how to change it, and the words to speak in.

import { queryOf } from "./url.js";
import { byId } from "./dom.js";
import { lang, langQuery, locale, number, phrase, plural, t } from "./i18n.js";
import { openLanguages } from "../controls/language_links.js";
import { getJson } from "./api.js";
import { day, km2, list, percent, whole } from "./format.js";

// Calls everybody who listens; who leaves meanwhile is not called.
function openListeners() {
  const all = new Set();
  const add = (fn) => {
    all.add(fn);
    return () => all.delete(fn);
  };
  const call = (value) => {
    for (const fn of [...all]) if (all.has(fn)) fn(value);
  };
  return { add, call };
}

// Plans, days, sources and boundaries to choose from, and what the text of a plan leaves open.
function openOffer(config, days, bundle) {
  const { plans, sources, boundaries } = config.offer;
  const readings = async (plan) =>
    plan === bundle().plan.id
      ? (bundle().plan.readings ?? [])
      : (await getJson(`api/plans/${encodeURIComponent(plan)}${langQuery}`)).readings;
  return {
    ...{ plans, sources, boundaries, readings },
    // The days of the source that is shown.
    get dates() {
      return days();
    },
  };
}

export function openInstrument(parts) {
  const { config, days, home, source, map, stack, state, fragment, panels } = parts;
  const shows = openListeners();
  const places = openListeners();
  let latest = null;

  const instrument = {
    config,
    map,
    stack,
    bundle: () => latest,
    state: () => state().shown(),
    go: (change, options) => state().go(change, options),
    // The bundle of a state that is not to be shown, or not yet: from the server, or this file.
    load: async (asked, { signal } = {}) => source.bundle(asked, signal),
    // Land, sea, borders and waters under and over the map, as readPicture() gives them.
    ground: () => source.background(),
    query: (asked = state().shown(), more = {}) => queryOf(asked, home, more),
    getJson,
    offer: openOffer(config, () => days.known(state().shown()), () => latest),
    onShow: shows.add,
    onPlace: places.add,
    openPanel: (name) => panels().show(name),
    closePanel: () => panels().hide(),
    panel: () => panels().current(),
    fragment,
    // Said aloud by screen readers, politely; the same words twice are said twice.
    say(words) {
      const line = byId("said");
      line.textContent = line.textContent === words ? `${words}\u00a0` : words;
    },
    ...{ lang, locale, t, phrase, plural, number, whole, km2, percent, day, list },
  };

  openLanguages((other) => {
    const asked = { ...instrument.state(), lang: other };
    return `?${instrument.query(asked)}${location.hash}`;
  });

  return {
    instrument,
    shown(bundle) {
      latest = bundle;
      panels().refresh(bundle);
      shows.call(bundle);
    },
    placed: places.call,
  };
}
