// The timeline: a slider over the days that exist, drawn where they lie in time, and a player that
// goes from day to day, each time waiting for the answer.

import { byId, el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { day } from "../core/format.js";

const DAY_MS = 86_400_000;
const PAGE = 3;
const KEYS = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -PAGE,
  PageUp: PAGE,
  Home: -Infinity,
  End: Infinity,
};

function numberOf(iso) {
  return Date.parse(iso) / DAY_MS;
}

function nearestIndex(days, value) {
  const far = days.map((iso) => Math.abs(numberOf(iso) - value));
  return far.indexOf(Math.min(...far));
}

// One step back undoes a whole drag, or a whole run of the player: only the first is remembered.
function openGesture(onDay) {
  let pushed = false;
  return async (iso) => {
    const bundle = await onDay(iso, { replace: pushed });
    pushed ||= bundle !== null;
    return bundle;
  };
}

function drawTicks(days) {
  const [first, last] = [numberOf(days[0]), numberOf(days.at(-1))];
  const at = (iso) => (last > first ? (numberOf(iso) - first) / (last - first) : 0);
  const path = (isos, top) => isos.map((iso) => `M${1000 * at(iso)} ${top}V10`).join("");
  byId("ticks").setAttribute("d", path(days, 4));
  const years = new Set(days.map((iso) => iso.slice(0, 4)));
  const labels = [...years].flatMap((year) => {
    const start = at(`${year}-01-01`);
    if (start < 0 || start > 1) return [];
    const label = el("span", {}, year);
    label.style.left = `${100 * start}%`;
    return [label];
  });
  byId("years").replaceChildren(...labels);
  return (iso) => byId("plan-day").setAttribute("d", days.includes(iso) ? path([iso], 0) : "");
}

export function openTimeline({ onDay }) {
  const slider = byId("day");
  const play = byId("play");
  const pace = byId("pace");
  let days = [];
  let shown = null;
  let markPlanDay = () => {};
  let gesture = null;
  let playing = null;
  let dragging = false;

  function show(iso) {
    shown = iso;
    slider.value = numberOf(iso);
    slider.setAttribute("aria-valuetext", day(iso));
  }

  function goTo(index) {
    const iso = days[Math.min(Math.max(index, 0), days.length - 1)];
    if (iso === shown) return show(iso);
    show(iso);
    gesture ??= openGesture(onDay);
    return gesture(iso);
  }

  function stop() {
    playing = null;
    play.setAttribute("aria-pressed", "false");
    byId("headline").setAttribute("aria-live", "polite");
  }

  const rest = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));

  async function run() {
    const mine = {};
    const isMine = () => playing === mine;
    playing = mine;
    play.setAttribute("aria-pressed", "true");
    byId("headline").setAttribute("aria-live", "off");
    const step = openGesture(onDay);
    let index = days.indexOf(shown);
    if (index === days.length - 1) index = -1;
    while (isMine() && index < days.length - 1) {
      index += 1;
      const start = performance.now();
      const bundle = await step(days[index]);
      if (bundle === null) break;
      if (index < days.length - 1) await rest(Number(pace.value) - (performance.now() - start));
    }
    if (isMine()) stop();
  }

  // A screen reader's finger moves the slider by a day at a time: that is one step, not none.
  slider.addEventListener("input", () => {
    const value = Number(slider.value);
    const index = nearestIndex(days, value);
    const isNudge = days[index] === shown && Math.abs(value - numberOf(shown)) === 1;
    stop();
    goTo(isNudge && !dragging ? index + Math.sign(value - numberOf(shown)) : index);
  });
  const release = () => {
    gesture = null;
  };
  const drag = (is) => () => {
    dragging = is;
  };
  slider.addEventListener("pointerdown", drag(true));
  addEventListener("pointerup", drag(false));
  addEventListener("pointercancel", drag(false));
  slider.addEventListener("change", release);
  slider.addEventListener("keydown", (event) => {
    const by = KEYS[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    stop();
    goTo(days.indexOf(shown) + by);
  });
  slider.addEventListener("keyup", release);
  play.addEventListener("click", () => (playing ? stop() : run()));
  document.addEventListener("visibilitychange", () => document.hidden && stop());

  return {
    show,
    stop,
    // Days that exist, and the day on which the plan itself is drawn.
    offer(dates, planDay) {
      if (dates.join() !== days.join()) {
        days = dates;
        slider.min = numberOf(days[0]);
        slider.max = numberOf(days.at(-1));
        byId("timeline").hidden = days.length < 2;
        markPlanDay = drawTicks(days);
      }
      markPlanDay(planDay);
      const words = t("{first} to {last}, {n} days", {
        first: day(days[0]),
        last: day(days.at(-1)),
        n: days.length,
      });
      slider.title = words;
    },
  };
}
