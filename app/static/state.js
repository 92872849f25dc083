// Which plan and day are shown. One state at a time: an answer that has been overtaken is dropped.

import { SourceError } from "./source.js";

// Plan and date named in the page's address, or those that the page came with.
export function fromAddress(config) {
  const asked = new URLSearchParams(location.search);
  return { plan: asked.get("plan") ?? config.plan, date: asked.get("date") ?? config.date };
}

function toAddress({ plan, date }, replace) {
  const address = new URL(location.href);
  address.searchParams.set("plan", plan);
  address.searchParams.set("date", date);
  if (address.href === location.href) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
}

// Calls show(bundle) with complete answers only, and tell({ phase, asked, message }) on the way:
// "loading", then "ready" or "failed". What was shown before stays until then.
export function openState({ source, show, tell, keepAddress }) {
  let current = null;
  let running = null;

  async function go(asked, { replace = false, remember = true } = {}) {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    tell({ phase: "loading", asked, shown: current });
    try {
      const bundle = await source.bundle(asked.plan, asked.date, mine.signal);
      if (running !== mine) return false;
      current = { plan: bundle.identity.plan, date: bundle.identity.date };
      if (keepAddress && remember) toAddress(current, replace);
      show(bundle);
      tell({ phase: "ready", asked: current, shown: current });
      return true;
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return false;
      const message = error instanceof SourceError ? error.message : "The answer was not usable.";
      tell({ phase: "failed", asked, shown: current, message });
      if (!(error instanceof SourceError)) throw error;
      return false;
    }
  }

  return { go, shown: () => current };
}
