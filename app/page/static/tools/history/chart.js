// One small chart of a category through time: steps from day to day, a dot for each day.

import { el, svg, swatch } from "../../core/dom.js";
import { number, t } from "../../core/i18n.js";
import { day, km2 } from "../../core/format.js";
import { linear, stretches, ticks } from "../shared/scales.js";

const HEIGHT = 92;
const TOP = 8;
const FOOT = 5;
export const GUTTER = 58;
export const MARGIN = 10;
const ROOM_FOR_DOTS = 5;

// "M x y H … V …" for each stretch: a value holds until the next day, never across a gap.
function stepPath(values, xs, y, runs) {
  return runs
    .map(([from, to]) => {
      const turns = [];
      for (let index = from + 1; index <= to; index += 1) {
        turns.push(`H${xs[index].toFixed(2)}V${y(values[index]).toFixed(2)}`);
      }
      return `M${xs[from].toFixed(2)} ${y(values[from]).toFixed(2)}${turns.join("")}`;
    })
    .join("");
}

function groundPath(values, xs, y, runs) {
  const base = y(0).toFixed(2);
  return runs
    .map((run) => {
      const line = stepPath(values, xs, y, [run]);
      return `${line}V${base}H${xs[run[0]].toFixed(2)}Z`;
    })
    .join("");
}

function describe(days, values) {
  const [high, low] = [Math.max(...values), Math.min(...values)];
  const at = (value) => day(days[values.indexOf(value)]);
  return t(
    "{first} on {firstDay}, {last} on {lastDay}; highest {high} on {highDay}, lowest {low} on {lowDay}.",
    {
      first: km2(values[0]),
      firstDay: day(days[0]),
      last: km2(values.at(-1)),
      lastDay: day(days.at(-1)),
      high: km2(high),
      highDay: at(high),
      low: km2(low),
      lowDay: at(low),
    },
  );
}

function axis(marks, y, width) {
  return marks.map((mark) =>
    svg(
      "g",
      { class: mark === 0 ? "tick tick--base" : "tick" },
      svg("line", { x1: GUTTER, x2: width - MARGIN, y1: y(mark), y2: y(mark) }),
      svg("text", { x: GUTTER - 6, y: y(mark), dy: "0.32em", "text-anchor": "end" }, number(mark)),
    ),
  );
}

// The chart of one category. draw(…) makes it anew; mark(…) only moves the lines of the days.
export function openChart({ category, label }) {
  const id = `history-${category}`;
  const value = el("span", { class: "history-value number" });
  const name = el("span", { class: "with-swatch", id }, swatch(category), label);
  const canvas = svg("svg", {
    class: "history-svg",
    role: "img",
    height: HEIGHT,
    "aria-labelledby": `${id}-title`,
    "aria-describedby": `${id}-desc`,
  });
  const caption = el("figcaption", {}, name, value);
  const node = el("figure", { class: "history-chart", "data-category": category }, caption, canvas);
  const chosenLine = svg("line", { class: "day-line day-line--chosen" });
  const cursorLine = svg("line", { class: "day-line day-line--cursor" });
  const chosenDot = svg("circle", { class: "day-dot day-dot--chosen", r: 4.5 });
  const cursorDot = svg("circle", { class: "day-dot day-dot--cursor", r: 4.5 });
  let at = null;
  let drawn = null;

  function draw({ days, numbers, values, x, width }) {
    const marks = ticks(0, Math.max(...values, 1e-9), 3);
    const y = linear([0, marks.at(-1)], [HEIGHT - FOOT, TOP]);
    const xs = numbers.map(x);
    const runs = stretches(numbers);
    const apart = (xs.at(-1) - xs[0]) / Math.max(1, xs.length - 1);
    const dots = apart < ROOM_FOR_DOTS ? [] : values;
    canvas.setAttribute("width", width);
    canvas.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    canvas.replaceChildren(
      svg("title", { id: `${id}-title` }, t("{category}, km² through time", { category: label })),
      svg("desc", { id: `${id}-desc` }, describe(days, values)),
      svg("path", { class: "ground", d: groundPath(values, xs, y, runs), fill: `url(#pattern-${category})` }),
      ...axis(marks, y, width),
      svg("path", { class: "steps", d: stepPath(values, xs, y, runs) }),
      ...dots.map((km, index) =>
        svg("circle", { class: "dot-of-day", cx: xs[index].toFixed(2), cy: y(km).toFixed(2), r: 2 }),
      ),
      chosenLine,
      cursorLine,
      chosenDot,
      cursorDot,
    );
    at = (index) => ({ x: xs[index], y: y(values[index]) });
    drawn = values;
  }

  function place(line, dot, index) {
    const away = index === null;
    line.toggleAttribute("hidden", away);
    dot.toggleAttribute("hidden", away);
    if (away) return;
    const { x, y } = at(index);
    for (const [key, to] of Object.entries({ x1: x, x2: x, y1: TOP - 4, y2: HEIGHT - FOOT })) {
      line.setAttribute(key, to.toFixed(2));
    }
    dot.setAttribute("cx", x.toFixed(2));
    dot.setAttribute("cy", y.toFixed(2));
  }

  function mark({ chosen, cursor }) {
    place(chosenLine, chosenDot, chosen);
    place(cursorLine, cursorDot, cursor === chosen ? null : cursor);
    const read = cursor ?? chosen;
    value.textContent = read === null ? "" : km2(drawn[read]);
  }

  return { node, draw, mark };
}
