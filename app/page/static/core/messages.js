// What the page says of itself: that it loads, that something failed, that something does not exist.

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { day, list } from "./format.js";

const PATIENCE_MS = 150;
const LONGEST = 40;
const NAME = /^[\w-]{1,40}$/;

const WHAT = {
  plan: (value) => t("no plan “{value}”", { value }),
  date: (value) => t("no line of contact of “{value}”", { value }),
  source: (value) => t("no source “{value}”", { value }),
  boundaries: (value) => t("no set of boundaries “{value}”", { value }),
  reading: (value) => t("no reading “{value}”", { value }),
  lang: (value) => t("no language “{value}”", { value }),
};

// Whether there is, after all, what an address says there is not.
function exists(name, value, { plans, dates, sources, boundaries }) {
  const isAmong = (some) => some.some(({ id }) => id === value);
  switch (name) {
    case "plan":
      return isAmong(plans);
    case "date":
      return dates.includes(value);
    case "source":
      return isAmong(sources);
    case "boundaries":
      return isAmong(boundaries);
    default:
      return false;
  }
}

// One sentence about what there is not; nothing about what there is after all.
function unknownWords(noted, offer) {
  const parts = noted
    .filter(([name, value]) => (WHAT[name] ? !exists(name, value, offer) : NAME.test(name)))
    .map(([name, value]) => {
      const told = WHAT[name] ?? (() => t("no parameter “{value}”", { value: name }));
      return told(value.slice(0, LONGEST));
    });
  return list(parts);
}

export function openNotices({ offer, unknown, onRetry }) {
  const page = byId("page");
  let timer = 0;
  let retry = null;
  let lost = unknown;

  function titleOf({ plan: id, date: iso }) {
    const title = offer.plans.find((plan) => plan.id === id)?.title ?? id;
    return `${title}, ${/^\d{4}-\d\d-\d\d$/.test(iso) ? day(iso) : iso}`;
  }

  function tellUnknown(shown) {
    const missing = unknownWords(lost, offer);
    const title = titleOf(shown);
    lost = null;
    if (!missing) return;
    byId("notice").textContent = t("There is {missing}; showing {title}.", { missing, title });
  }

  function tellFailure(asked, shown, message) {
    retry = asked;
    const failed = t("{title} could not be loaded.", { title: titleOf(asked) });
    const still = shown ? t("The page still shows {title}.", { title: titleOf(shown) }) : "";
    byId("alert-text").textContent = [failed, message, still].filter(Boolean).join(" ");
  }

  byId("retry").addEventListener("click", () => retry && onRetry(retry));

  // Told by the state; the page says "loading" only if there is something to wait for.
  function tell({ phase, asked, shown, message }) {
    clearTimeout(timer);
    page.dataset.phase = phase;
    page.setAttribute("aria-busy", String(phase === "loading"));
    byId("alert").hidden = phase !== "failed";
    byId("status").textContent = "";
    byId("notice").textContent = "";
    if (phase === "loading") {
      const words = t("Loading {title} …", { title: titleOf(asked) });
      timer = setTimeout(() => {
        byId("status").textContent = words;
      }, PATIENCE_MS);
    } else if (phase === "ready" && lost) tellUnknown(shown);
    else if (phase === "failed") tellFailure(asked, shown, message);
  }

  return { tell };
}
