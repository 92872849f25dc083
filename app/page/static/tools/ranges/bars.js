// The bars of one figure: over readings, over the line's position, over sources; what is shown now.

import { svg } from "../../core/dom.js";
import { number, t } from "../../core/i18n.js";
import { linear, ticks } from "../shared/scales.js";

const ROW = 20;
const TOP = 6;
const AXIS = 20;
const LEAST = 2;
export const LEFT = 82;
export const RIGHT = 14;

function reach(parts, isClose) {
  const values = [...parts.all];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!isClose) return [Math.min(0, low), Math.max(0, high)];
  const air = (high - low) * 0.05 || Math.abs(high) * 0.01 || 1;
  return [low - air, high + air];
}

function box(x, low, high) {
  const wide = Math.max(LEAST, x(high) - x(low));
  return { x: (x(low) + x(high) - wide) / 2, width: wide };
}

function rowLabel(text, index) {
  const place = { x: LEFT - 8, y: TOP + ROW * (index + 0.5), dy: "0.32em" };
  return svg("text", { ...place, "text-anchor": "end" }, text);
}

function readingsRow({ low, high, standard, category }, x, index) {
  const y = TOP + ROW * index + 4;
  const fill = category ? `url(#pattern-${category})` : null;
  const kind = category ? "bar-of-readings" : "bar-of-readings bar-of-readings--plain";
  const middle = y + 6;
  const at = x(standard);
  const diamond = `M${at - 5} ${middle}L${at} ${middle - 5}L${at + 5} ${middle}L${at} ${middle + 5}Z`;
  return [
    svg("rect", { class: kind, y, height: ROW - 8, fill, ...box(x, low, high) }),
    svg("path", { class: "standard", d: diamond }),
  ];
}

function intervalRow({ low, high }, x, index) {
  const y = TOP + ROW * (index + 0.5);
  const { x: start, width } = box(x, low, high);
  const caps = [start, start + width].map((at) =>
    svg("line", { x1: at, x2: at, y1: y - 4, y2: y + 4 }),
  );
  return [svg("g", { class: "whisker" }, svg("line", { x1: start, x2: start + width, y1: y, y2: y }), ...caps)];
}

function sourcesRow(values, x, index) {
  const y = TOP + ROW * (index + 0.5);
  const { x: start, width } = box(x, values[0].value, values.at(-1).value);
  return [
    svg("line", { class: "whisker", x1: start, x2: start + width, y1: y, y2: y }),
    ...values.map(({ source, value }) =>
      svg("circle", { class: "source-dot", cx: x(value), cy: y, r: 4, "data-source": source }),
    ),
  ];
}

function axisMarks(marks, x, bottom) {
  return marks.map((mark) =>
    svg(
      "g",
      { class: mark === 0 ? "tick tick--base" : "tick", transform: `translate(${x(mark)} 0)` },
      svg("line", { y1: TOP, y2: bottom }),
      svg("text", { y: bottom + 14, "text-anchor": "middle" }, number(mark)),
    ),
  );
}

// { title, words, range: { low, high, standard }, category, interval, sources, shown } at a width.
export function drawBars(model, { width, isClose }) {
  const { range, interval, sources, shown, category } = model;
  const rows = [[t("Readings"), readingsRow, { ...range, category }]];
  if (interval) rows.push([t("Line’s position"), intervalRow, interval]);
  if (sources.length) rows.push([t("Sources"), sourcesRow, sources]);
  const all = [range.low, range.high, range.standard, shown];
  if (interval) all.push(interval.low, interval.high);
  all.push(...sources.map(({ value }) => value));
  const [low, high] = reach({ all }, isClose);
  const marks = ticks(low, high, Math.max(2, Math.floor((width - LEFT) / 80)));
  const ends = isClose ? [low, high] : [marks[0], marks.at(-1)];
  const x = linear(ends, [LEFT, width - RIGHT]);
  const bottom = TOP + ROW * rows.length;
  const inside = marks.filter((mark) => mark >= ends[0] && mark <= ends[1]);
  const now = x(shown);
  return svg(
    "svg",
    { class: "range-svg", role: "img", width, height: bottom + AXIS, viewBox: `0 0 ${width} ${bottom + AXIS}` },
    svg("title", {}, model.title),
    svg("desc", {}, model.words),
    ...axisMarks(inside, x, bottom),
    ...rows.flatMap(([label, draw, part], index) => [rowLabel(label, index), ...draw(part, x, index)]),
    svg("line", { class: "now", x1: now, x2: now, y1: TOP - 4, y2: bottom, "data-value": shown }),
  );
}
