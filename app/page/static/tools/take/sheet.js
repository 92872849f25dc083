// A sheet for others: title, map, legend with figures, sources, method and note, in one SVG.

import { svg } from "../../core/dom.js";
import { number, t } from "../../core/i18n.js";
import { day, km2, percent } from "../../core/format.js";
import { FONT, drawMap, lightColours, patternsOf, shownLayers, widthOf } from "./drawing.js";
import { stateAddress } from "./links.js";

const WIDTH = 1280;
const EDGE = 40;
const INNER = WIDTH - 2 * EDGE;
const MAP = { width: INNER, least: 560, most: 900 };
const COLUMN = 590;
const LEADING = 1.36;
const LEGEND = { size: 18, label: 46, km2: 470, share: 575 };

function cut(word, room, size, weight) {
  const parts = [""];
  for (const letter of word) {
    if (widthOf(parts.at(-1) + letter, size, weight) > room) parts.push("");
    parts[parts.length - 1] += letter;
  }
  return parts;
}

// Lines of a text that fit into a width; a word that is longer goes on in the next line.
export function wrap(text, room, size, weight = 400) {
  const lines = [];
  let line = "";
  for (const word of text.trim().split(/[ \n]+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (widthOf(longer, size, weight) <= room) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    const parts = cut(word, room, size, weight);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1);
  }
  return [...lines, line].filter(Boolean);
}

// Writes from top to bottom; `y` is where the next thing goes.
function openColumn(colours) {
  const nodes = [];
  let y = EDGE;

  function write(text, { size, weight = 400, soft = false, gap = 0, name = null }) {
    y += gap;
    for (const line of wrap(text, INNER, size, weight)) {
      y += size * LEADING;
      const look = { "font-size": size, "font-weight": weight };
      const place = { x: EDGE, y: (y - 0.3 * size).toFixed(1), class: name };
      const fill = colours[soft ? "ink-soft" : "ink"];
      nodes.push(svg("text", { ...place, ...look, fill }, line));
    }
  }

  function put(node, height, gap) {
    y += gap;
    node.setAttribute("transform", `translate(${EDGE} ${y.toFixed(1)})`);
    nodes.push(node);
    y += height;
  }

  return { nodes, put, write, height: () => Math.ceil(y + EDGE) };
}

function words(text, x, y, more = {}) {
  return svg("text", { x, y, "font-size": LEGEND.size, ...more }, text);
}

// What the legend says of each category on the map, and of the line.
function legendRows(bundle, isShown) {
  const rows = bundle.categories
    .filter(({ category, area_km2: area }) => area > 0 && isShown(category))
    .map(({ category, label, area_km2: area, share }) => ({
      ...{ category, label, figures: [km2(area), percent(share)] },
    }));
  const { length_km: length } = bundle.contact_line.properties;
  const front = { label: t("Line of contact"), figures: [t("{n} km", { n: number(length) }), ""] };
  return isShown("line") ? [...rows, front] : rows;
}

function legendKey({ category }, colours) {
  const line = { d: "M0 11h34", stroke: colours.front, "stroke-width": 3 };
  if (!category) return svg("path", line);
  const box = { x: 0.5, y: 0.5, width: 33, height: 20, stroke: colours.outline };
  return svg("rect", { ...box, fill: `url(#fill-${category})` });
}

function legendRow(row, colours) {
  const { label, figures } = row;
  const lines = wrap(label, LEGEND.km2 - LEGEND.label - 105, LEGEND.size);
  const fill = { fill: colours.ink };
  const end = { ...fill, "text-anchor": "end" };
  const node = svg(
    "g",
    { class: "legend-row", "data-category": row.category ?? null },
    legendKey(row, colours),
    ...lines.map((line, i) => words(line, LEGEND.label, 17 + 22 * i, fill)),
    words(figures[0], LEGEND.km2, 17, { ...end, class: "area" }),
    words(figures[1], LEGEND.share, 17, { ...end, class: "share" }),
  );
  return { node, height: 22 * lines.length + 8 };
}

// Two columns, filled one after the other.
function legendOf(bundle, isShown, colours) {
  const rows = legendRows(bundle, isShown).map((row) => legendRow(row, colours));
  const group = svg("g", { class: "legend" });
  const half = Math.ceil(rows.length / 2);
  const heights = [0, 0];
  rows.forEach(({ node, height }, i) => {
    const column = i < half ? 0 : 1;
    node.setAttribute("transform", `translate(${column * (INNER - COLUMN)} ${heights[column]})`);
    heights[column] += height;
    group.append(node);
  });
  return { node: group, height: Math.max(...heights) };
}

function lineWords({ properties: { date, uncertainty_km: spread, source } }) {
  const known = { date: day(date), source };
  if (!spread) return t("Line of contact of {date}: {source}.", known);
  return t("Line of contact of {date}: {source}; uncertain by {spread} km.", {
    ...known,
    spread: number(spread, 1),
  });
}

function sourceWords({ title, source, date, licence, attribution }) {
  return [`${title}: ${source}, ${date}`, licence, attribution].filter(Boolean).join("; ");
}

// The sentences below the map: sources, method, what it does not say, and where it comes from.
export function footOf(instrument) {
  const bundle = instrument.bundle();
  const { identity } = bundle;
  const parts = {
    ...{ source: identity.source, boundaries: identity.boundaries },
    version: identity.data_version,
  };
  const made = t("Line {source}, boundaries {boundaries}, data version {version}.", parts);
  return {
    sources: [
      lineWords(bundle.contact_line),
      t("Sources: {list}.", { list: bundle.sources.map(sourceWords).join(" · ") }),
    ],
    method: t(
      "Areas are measured on the WGS 84 ellipsoid at full precision; shapes are simplified " +
        "for the picture.",
    ),
    note: bundle.note,
    made: `${made} ${stateAddress(instrument)}`,
  };
}

function writeFoot(column, instrument) {
  const { sources, method, note, made } = footOf(instrument);
  column.write(note, { size: 15, gap: 10, name: "note" });
  for (const text of sources) column.write(text, { size: 13, soft: true, gap: 6, name: "source" });
  column.write(method, { size: 13, soft: true, gap: 6, name: "method" });
  column.write(made, { size: 13, soft: true, gap: 6, name: "address" });
}

export function titleOf({ plan, identity }) {
  const date = day(identity.date);
  return { title: plan.title, subtitle: t("Line of contact of {date}", { date }) };
}

// { node, width, height } of what the page shows now, always in light colours.
export function drawSheet(instrument) {
  const bundle = instrument.bundle();
  const colours = lightColours();
  const isShown = shownLayers();
  const { title, subtitle } = titleOf(bundle);
  const headline = document.getElementById("headline").textContent;
  const column = openColumn(colours);
  column.write(title, { size: 32, weight: 700, name: "title" });
  column.write(subtitle, { size: 18, soft: true, name: "date" });
  column.write(headline, { size: 18, gap: 8, name: "sentence" });
  const scaleWords = (n) => t("{n} km", { n });
  const map = drawMap(instrument, MAP, { isShown, colours, scaleWords });
  column.put(svg("g", { class: "map" }, map.node), map.height, 16);
  const legend = legendOf(bundle, isShown, colours);
  column.put(legend.node, legend.height, 18);
  writeFoot(column, instrument);
  const [width, height] = [WIDTH, column.height()];
  const categories = bundle.categories.map(({ category }) => category);
  const node = svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "font-family": FONT },
    svg("title", {}, `${title}. ${subtitle}`),
    svg("desc", {}, headline),
    svg("defs", {}, ...patternsOf(categories, colours)),
    svg("rect", { width, height, fill: colours.paper }),
    ...column.nodes,
  );
  node.setAttribute("lang", document.documentElement.lang);
  return { node, width, height };
}

export function textOf({ node }) {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return `${head}${new XMLSerializer().serializeToString(node)}\n`;
}

// The same as pixels, two for each unit: resolves to a Blob.
export async function pixelsOf({ node, width, height }, times = 2) {
  const image = new Image();
  const text = new XMLSerializer().serializeToString(node);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: width * times, height: height * times });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    const done = (blob) => (blob ? resolve(blob) : reject(new Error(t("No picture was made."))));
    canvas.toBlob(done, "image/png");
  });
}
