// The axis of time under the charts, which is also the slider that walks through the days.

import { el, svg } from "../../core/dom.js";
import { locale, t } from "../../core/i18n.js";
import { dayNumber, nearest, timeTicks } from "../shared/scales.js";

const HEIGHT = 34;
const PIXELS_A_MARK = 58;
const LONG_STEP = 6;

const monthOf = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" });

function labelsOf(iso, isFirst) {
  const [year] = iso.split("-");
  const month = monthOf.format(new Date(`${iso}T00:00:00Z`));
  return [month, isFirst || iso.slice(5) === "01-01" ? year : ""];
}

function axisMarks(days, x, width) {
  const marks = timeTicks(days[0], days.at(-1), Math.max(2, width / PIXELS_A_MARK));
  return marks.map(({ iso, isYear }, index) => {
    const [month, year] = labelsOf(iso, index === 0);
    const at = x(dayNumber(iso)).toFixed(2);
    return svg(
      "g",
      { class: isYear ? "tick tick--year" : "tick", transform: `translate(${at} 0)` },
      svg("line", { y1: 0, y2: 5 }),
      svg("text", { y: 16, "text-anchor": "middle" }, month),
      svg("text", { y: 29, "text-anchor": "middle", class: "year" }, year),
    );
  });
}

// Over `charts` the pointer walks, on `node` the keyboard. onWalk(index, how) tells which day is
// read, onChoose(index) that it was chosen.
export function openWalk({ charts, hint, words, onWalk, onChoose }) {
  const canvas = svg("svg", { class: "walk-svg", height: HEIGHT, "aria-hidden": "true" });
  const handle = el("span", { class: "walk-handle", "aria-hidden": "true" });
  const node = el(
    "div",
    {
      class: "walk",
      role: "slider",
      tabindex: "0",
      "aria-label": t("Day in the charts"),
      "aria-describedby": hint,
      "aria-valuemin": "0",
    },
    canvas,
    handle,
  );
  let model = null;
  let index = 0;

  function to(next, how) {
    index = Math.min(model.days.length - 1, Math.max(0, next));
    node.setAttribute("aria-valuenow", String(index));
    node.setAttribute("aria-valuetext", words(index));
    handle.style.left = `${model.x(model.numbers[index])}px`;
    if (how) onWalk(index, how);
  }

  const steps = {
    ArrowRight: () => index + 1,
    ArrowUp: () => index + 1,
    ArrowLeft: () => index - 1,
    ArrowDown: () => index - 1,
    PageUp: () => index + LONG_STEP,
    PageDown: () => index - LONG_STEP,
    Home: () => 0,
    End: () => model.days.length - 1,
  };

  node.addEventListener("keydown", (event) => {
    if (!model || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") onChoose(index);
    else if (event.key === "Escape") onWalk(null, "keyboard");
    else if (steps[event.key]) to(steps[event.key](), "keyboard");
    else return;
    event.preventDefault();
  });

  function dayAt(event) {
    const box = node.getBoundingClientRect();
    return nearest(model.numbers, model.back(event.clientX - box.left));
  }

  for (const area of [charts, node]) {
    area.addEventListener("pointermove", (event) => model && to(dayAt(event), "pointer"));
    area.addEventListener("pointerleave", () => model && onWalk(null, "pointer"));
    area.addEventListener("click", (event) => model && onChoose(dayAt(event)));
  }

  function draw(given) {
    model = given;
    const { days, x, width } = given;
    node.setAttribute("aria-valuemax", String(days.length - 1));
    canvas.setAttribute("width", width);
    canvas.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    canvas.replaceChildren(...axisMarks(days, x, width));
  }

  return { node, draw, at: (next) => to(next, null) };
}
