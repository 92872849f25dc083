// The selectors of plan and day: what was asked for, what is shown, and what went wrong.

import { byId } from "./dom.js";
import { t } from "./language.js";
import { day, list } from "./words.js";

const PATIENCE_MS = 150;
const LONGEST = 40;

const WHAT = {
  plan: (value) => t("no plan “{value}”", { value }),
  date: (value) => t("no line of contact of “{value}”", { value }),
  source: (value) => t("no source “{value}”", { value }),
  boundaries: (value) => t("no set of boundaries “{value}”", { value }),
  reading: (value) => t("no reading “{value}”", { value }),
  lang: (value) => t("no language “{value}”", { value }),
};

// One sentence about what there is not; nothing about what there is after all.
function unknownWords(noted) {
  const parts = noted.map(([name, value]) => {
    const short = value.slice(0, LONGEST);
    return WHAT[name]?.(short) ?? t("no parameter “{value}”", { value: name.slice(0, LONGEST) });
  });
  return parts.length ? t("There is {list}; ", { list: list(parts) }) : "";
}

export function openSelectors({ onAsk, unknown }) {
  const form = byId("selectors");
  const { plan, date } = form.elements;
  const [earlier, later] = [byId("earlier"), byId("later")];
  const page = byId("page");
  let timer = 0;
  let retry = null;
  let lost = unknown;

  const ask = () => onAsk({ plan: plan.value, date: date.value });
  const step = (by) => {
    date.selectedIndex += by;
    ask();
  };
  plan.addEventListener("change", ask);
  date.addEventListener("change", ask);
  earlier.addEventListener("click", () => step(-1));
  later.addEventListener("click", () => step(1));
  byId("retry").addEventListener("click", () => retry && onAsk(retry));
  form.addEventListener("submit", (event) => event.preventDefault());

  function select(state) {
    plan.value = state.plan;
    date.value = state.date;
    earlier.disabled = date.selectedIndex <= 0;
    later.disabled = date.selectedIndex >= date.length - 1;
  }

  function titleOf({ plan: id, date: iso }) {
    const option = [...plan.options].find(({ value }) => value === id);
    return `${option?.textContent ?? id}, ${/^\d{4}-\d\d-\d\d$/.test(iso) ? day(iso) : iso}`;
  }

  // Told by the state; the page says "loading" only if there is something to wait for.
  function tell({ phase, asked, shown, message }) {
    clearTimeout(timer);
    page.dataset.phase = phase;
    page.setAttribute("aria-busy", String(phase === "loading"));
    byId("alert").hidden = phase !== "failed";
    byId("status").textContent = "";
    byId("notice").textContent = "";
    select(phase === "failed" && shown ? shown : asked);
    if (phase === "loading") {
      timer = setTimeout(() => {
        byId("status").textContent = `Loading ${titleOf(asked)} …`;
      }, PATIENCE_MS);
    } else if (phase === "ready" && lost) {
      const words = unknownWords(lost);
      byId("notice").textContent = words && `${words}showing ${titleOf(shown)}.`;
      lost = null;
    } else if (phase === "failed") {
      retry = asked;
      const still = shown ? ` The page still shows ${titleOf(shown)}.` : "";
      byId("alert-text").textContent = `${titleOf(asked)} could not be loaded. ${message}${still}`;
    }
  }

  return { tell };
}
