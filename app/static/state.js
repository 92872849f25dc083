// Which plan and day are shown. One state at a time: an answer that has been overtaken is dropped.

import { SourceError } from "./source.js";

const UNKNOWN = "#unknown?";

// Plan and date named in the page's address, or those that the page came with.
export function fromAddress(config) {
  const asked = new URLSearchParams(location.search);
  return { plan: asked.get("plan") ?? config.plan, date: asked.get("date") ?? config.date };
}

// What an address asked for that does not exist: the server took it out and noted it behind the #.
export function takeUnknown() {
  if (!location.hash.startsWith(UNKNOWN)) return null;
  const noted = new URLSearchParams(location.hash.slice(UNKNOWN.length));
  history.replaceState(null, "", location.pathname + location.search);
  return Object.fromEntries(noted);
}

function toAddress({ plan, date }) {
  const address = new URL(location.href);
  address.searchParams.set("plan", plan);
  address.searchParams.set("date", date);
  if (address.href === location.href) return;
  history.pushState(null, "", address);
}

// Shows a bundle whole, or else the one before.
function showWhole(show, bundle, before) {
  try {
    show(bundle);
  } catch (error) {
    if (before) show(before);
    throw error;
  }
}

// Calls show(bundle) with complete answers only, and tell({ phase, asked, message }) on the way:
// "loading", then "ready" or "failed". What was shown before stays until then.
export function openState({ source, show, tell, keepAddress }) {
  let current = null;
  let before = null;
  let running = null;

  function accept(bundle, remember) {
    showWhole(show, bundle, before);
    before = bundle;
    current = { plan: bundle.identity.plan, date: bundle.identity.date };
    if (keepAddress && remember) toAddress(current);
    tell({ phase: "ready", asked: current, shown: current });
  }

  function refuse(error, asked) {
    const told = error instanceof SourceError;
    const message = told ? error.message : "The answer could not be used.";
    tell({ phase: "failed", asked, shown: current, message });
    if (!told) throw error;
  }

  async function go(asked, { remember = true } = {}) {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    tell({ phase: "loading", asked, shown: current });
    try {
      const found = source.bundle(asked.plan, asked.date, mine.signal);
      const bundle = found instanceof Promise ? await found : found;
      if (running === mine) accept(bundle, remember);
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      refuse(error, asked);
    }
  }

  return { go };
}
