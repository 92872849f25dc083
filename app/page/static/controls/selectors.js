// What can be chosen: plan, day, source, boundaries; and how many questions are read otherwise.

import { byId, el } from "../core/dom.js";
import { offered } from "../core/tool_registry.js";
import { plural, t } from "../core/i18n.js";
import { openTimeline } from "./timeline.js";
import { day } from "../core/format.js";

// How many questions the text leaves open, and how they are read; shown with the first words.
export function showReadings(bundle, chosen) {
  const open = (bundle.plan.readings ?? []).filter(({ id }) => id !== "line_date");
  const others = Object.keys(chosen).length;
  byId("open-questions").hidden = !open.length;
  const canRead = offered(byId("page").dataset.mode).includes("readings");
  byId("readings-open").hidden = !canRead;
  byId("readings-default").hidden = !canRead || !others;
  const questions = plural(open.length, {
    one: "The text leaves {n} question open",
    other: "The text leaves {n} questions open",
  });
  byId("readings-words").textContent = others
    ? t("{questions}; {n} read otherwise than by default.", { questions, n: others })
    : t("{questions}; read by default.", { questions });
}

export function openSelectors({ offer, days, onAsk, onReadings }) {
  const form = byId("selectors");
  const { plan, date, source, boundaries } = form.elements;
  const [earlier, later] = [byId("earlier"), byId("later")];
  const timeline = openTimeline({ onDay: (iso, options) => onAsk({ date: iso }, options) });
  let listed = offer.dates;

  const ask = (change) => {
    timeline.stop();
    return onAsk(change);
  };
  const step = (by) => {
    date.selectedIndex += by;
    ask({ date: date.value });
  };
  for (const choice of [plan, date, source, boundaries].filter(Boolean)) {
    choice.addEventListener("change", () => ask({ [choice.name]: choice.value }));
  }
  earlier.addEventListener("click", () => step(-1));
  later.addEventListener("click", () => step(1));
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("readings-open").addEventListener("click", onReadings);
  byId("readings-default").addEventListener("click", () => ask({ readings: {} }));

  // Another source has other days.
  function list(dates) {
    if (dates.join() === listed.join()) return;
    listed = dates;
    date.replaceChildren(...dates.map((iso) => el("option", { value: iso }, day(iso))));
  }

  function select(state) {
    list(days.known(state));
    plan.value = state.plan;
    date.value = state.date;
    if (source) source.value = state.source;
    if (boundaries) boundaries.value = state.boundaries;
    earlier.disabled = date.selectedIndex <= 0;
    later.disabled = date.selectedIndex >= date.length - 1;
    if (listed.length < 2) return;
    timeline.offer(listed, offer.plans.find(({ id }) => id === state.plan)?.day);
    if (listed.includes(state.date)) timeline.show(state.date);
  }

  // Titles of what the operator has configured, once they are known.
  function nameGrounds(answer) {
    for (const choice of [source, boundaries].filter(Boolean)) {
      const known = answer[choice === source ? "sources" : "boundaries"];
      for (const { id, provenance } of known) {
        const option = [...choice.options].find(({ value }) => value === id);
        if (option) option.textContent = `${id}: ${provenance.title}`;
      }
    }
  }

  return {
    hasGrounds: Boolean(source || boundaries),
    nameGrounds,
    showReadings,
    tell: ({ phase, asked, shown }) => {
      if (phase === "failed") timeline.stop();
      select(phase === "failed" && shown ? shown : asked);
    },
  };
}
