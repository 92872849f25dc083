// What is shown. One state at a time: an answer that has been overtaken is dropped, and what was
// shown before stays until the next is complete.

import { isSame } from "./url.js";
import { nearestDay } from "../controls/days.js";
import { SourceError } from "./api.js";
import { t } from "./i18n.js";

// The state that a bundle shows. The day is told as a day, not as the reading that led to it.
export function stateOf({ plan, date, source, boundaries, readings = {} }, lang) {
  const { line_date: _, ...others } = readings;
  return { plan, date, source, boundaries, readings: others, lang };
}

// A change merged into a state. Another plan keeps the readings that it knows as well; an option
// that is the plan's own is no choice.
export function merge(state, change, plans) {
  const next = { ...state, ...change };
  const readings = { ...(change.readings ?? state.readings) };
  if (change.date) delete readings.line_date;
  const known = plans.find(({ id }) => id === next.plan)?.readings;
  for (const [name, option] of known ? Object.entries(readings) : []) {
    if (!option || known[name] === option || !(name in known)) delete readings[name];
  }
  return { ...next, readings };
}

// Calls show(bundle) with complete answers only, and tell({ phase, asked, message }) on the way:
// "loading", then "ready" or "failed".
export function openState({ source, days, first, plans, home, show, tell, write }) {
  let shown = null;
  let before = null;
  let asked = first;
  let running = null;

  function accept(bundle, { remember, replace }) {
    const last = shown;
    shown = stateOf(bundle.identity, asked.lang);
    try {
      show(bundle);
    } catch (error) {
      // Whole, or else the one before.
      shown = last;
      if (before) show(before);
      throw error;
    }
    before = bundle;
    asked = shown;
    if (remember) write(shown, { replace });
    tell({ phase: "ready", asked, shown });
    return bundle;
  }

  function refuse(error) {
    const told = error instanceof SourceError;
    const message = told ? error.message : t("The answer could not be used.");
    const failed = asked;
    asked = shown ?? first;
    tell({ phase: "failed", asked: failed, shown, message });
    if (!told) throw error;
    return null;
  }

  // Another source may have no line for the day; then the nearest of its days is meant.
  function moveDay(dates) {
    if (!dates.length || dates.includes(asked.date)) return;
    asked = { ...asked, date: nearestDay(dates, asked.date) };
  }

  // Another language is another page.
  function changeLanguage(lang, remember) {
    if (remember) write({ ...(shown ?? first), lang });
    location.reload();
    return null;
  }

  async function findElsewhere(mine) {
    const dates = await days.of(asked, mine.signal);
    if (mine.signal.aborted) return null;
    moveDay(dates);
    return source.bundle(asked, mine.signal);
  }

  // What the page carries is shown in the same breath, anything else when it has come.
  function find(mine) {
    const from = shown ?? first;
    const isThere = asked.source === from.source && asked.boundaries === from.boundaries;
    return isThere ? source.bundle(asked, mine.signal) : findElsewhere(mine);
  }

  // Resolves to the bundle when it is shown; to null when it failed, or something overtook it.
  async function go(change, { remember = true, replace = false } = {}) {
    if (change.lang && change.lang !== first.lang) return changeLanguage(change.lang, remember);
    running?.abort();
    const mine = new AbortController();
    running = mine;
    asked = merge(asked, change, plans);
    tell({ phase: "loading", asked, shown });
    try {
      const found = find(mine);
      const bundle = found instanceof Promise ? await found : found;
      return running === mine ? accept(bundle, { remember, replace }) : null;
    } catch (error) {
      return running !== mine || error.name === "AbortError" ? null : refuse(error);
    }
  }

  return {
    go,
    shown: () => shown ?? asked,
    asked: () => asked,
    bundle: () => before,
    isShown: (state) => shown !== null && isSame(state, shown, home),
  };
}
