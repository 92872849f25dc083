// What is shown, to take away: its address, pictures, files, a citation, and a page to embed.

import { el } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { day } from "../../core/format.js";
import { citationsOf } from "./citation.js";
import { copyText, identityCells, saveBlob, saveText, toCsv } from "../shared/clipboard.js";
import { embedAddress, fileName, pageAddress, stateAddress } from "./links.js";
import { printSheet } from "./printing.js";
import { drawSheet, pixelsOf, textOf } from "./sheet.js";

const EMBED_HEIGHT_PX = 640;

const LAYERS = {
  faces: t("Areas##layer"),
  contact_line: t("Line of contact"),
  oblasts: t("Oblasts"),
  settlements: t("Places##layer"),
};

const TABLES = {
  category: t("By category"),
  oblast: t("By oblast"),
  "oblast,category": t("By oblast and category"),
  change: t("Ledger of change"),
  leaving: t("Who leaves, and who is recorded there"),
};

function part(name, title, ...nodes) {
  return el("section", { class: "take-part", "data-part": name }, el("h3", {}, title), ...nodes);
}

function button(words, attributes, onClick) {
  const node = el("button", { type: "button", ...attributes }, words);
  node.addEventListener("click", onClick);
  return node;
}

// A text to read and copy; selected as a whole when somebody steps into it.
function openText(instrument, { name, title, rows = 0, make }) {
  const id = `take-${name}`;
  const field = rows
    ? el("textarea", { id, rows, readonly: "", spellcheck: "false" })
    : el("input", { id, type: "text", readonly: "", spellcheck: "false" });
  const told = el("span", { class: "take-told" });
  const show = () => {
    field.value = make();
    told.textContent = "";
  };
  field.addEventListener("focus", () => field.select());
  const attributes = { "data-copy": name, "aria-describedby": `${id}-name` };
  const copy = button(t("Copy"), attributes, async () => {
    show();
    const words = (await copyText(field.value))
      ? t("Copied.")
      : t("Not copied: the browser does not allow it. The text is marked to be copied by hand.");
    if (words !== t("Copied.")) field.focus();
    told.textContent = words;
    instrument.say(words);
  });
  const label = el("label", { for: id, id: `${id}-name` }, title);
  const node = el("div", { class: "take-text" }, label, field, el("p", {}, copy, " ", told));
  return { node, show };
}

// Makes a file when asked to, and says so if that fails.
function maker(instrument, told, words, attributes, make) {
  const node = button(words, attributes, async () => {
    node.disabled = true;
    try {
      const name = await make();
      told.textContent = t("Made: {name}", { name });
    } catch (error) {
      told.textContent = t("The file could not be made.");
      throw error;
    } finally {
      node.disabled = false;
      instrument.say(told.textContent);
    }
  });
  return node;
}

function pictures(instrument) {
  const told = el("p", { class: "small" });
  const kind = instrument.lang === "en" ? "map" : `map_${instrument.lang}`;
  const nameOf = (suffix) => fileName(instrument.bundle().identity, kind, suffix);
  const drawing = maker(instrument, told, t("SVG picture"), { "data-make": "svg" }, () => {
    const name = nameOf("svg");
    saveText(textOf(drawSheet(instrument)), name, "image/svg+xml");
    return name;
  });
  const pixels = maker(instrument, told, t("PNG picture"), { "data-make": "png" }, async () => {
    const name = nameOf("png");
    saveBlob(await pixelsOf(drawSheet(instrument)), name);
    return name;
  });
  const sheet = button(t("Print"), { "data-make": "print" }, () => printSheet(instrument));
  return part(
    "picture",
    t("Picture and print"),
    el("p", {}, t("The map as it is in view, with title, legend, figures, sources and notes.")),
    el("p", { class: "take-row" }, drawing, pixels, sheet),
    told,
  );
}

// --- files -------------------------------------------------------------------------------------

function fileLink(address, words) {
  return el("a", { href: address, download: "" }, words);
}

function formatItem({ title, holds, format, layers, links }) {
  const some = layers.length
    ? layers.map((layer) => fileLink(links[layer], LAYERS[layer] ?? layer))
    : [fileLink(links.file, t("Download"))];
  const list = some.flatMap((link, i) => (i ? [" · ", link] : [link]));
  const more = layers.length ? null : el("span", { class: "small" }, holds);
  const words = [el("strong", {}, title), " ", more].filter(Boolean);
  return el("li", { "data-format": format }, ...words, el("br"), ...list);
}

// The tables of figures, each as CSV, from the server.
function tableItem(instrument, bundle) {
  const links = Object.keys(bundle.tables).flatMap((by, i) => {
    const query = instrument.query(undefined, { by, format: "csv" });
    const link = fileLink(`api/statistics?${query}`, TABLES[by] ?? by);
    return i ? [" · ", link] : [link];
  });
  const title = el("strong", {}, t("Tables as CSV"));
  const hint = el("span", { class: "small" }, t("For Excel, take the workbook (.xlsx)."));
  return el("li", { "data-format": "tables" }, title, " ", hint, el("br"), ...links);
}

// What the page has itself, simplified for the screen: for a file without a server.
function ownGeojson({ faces, contact_line: line, identity, note, display, sources }) {
  return JSON.stringify({
    type: "FeatureCollection",
    ...{ identity, note, sources },
    precision: display.note,
    features: [...faces.features, line],
  });
}

function ownFiles(instrument) {
  const told = el("p", { class: "small" });
  const geojson = maker(instrument, told, "GeoJSON", { "data-make": "geojson" }, () => {
    const bundle = instrument.bundle();
    const name = fileName(bundle.identity, "areas-and-line", "geojson");
    saveText(ownGeojson(bundle), name, "application/geo+json");
    return name;
  });
  const tables = Object.keys(instrument.bundle().tables).map((by) =>
    maker(instrument, told, `CSV: ${TABLES[by] ?? by}`, { "data-make": by }, () => {
      const { tables: all, identity } = instrument.bundle();
      const name = fileName(identity, by.replace(/[^a-z]+/g, "-"), "csv");
      const columns = Object.keys(all[by][0] ?? {}).map((key) => ({ key }));
      saveText(toCsv(columns, all[by], identityCells(identity)), name, "text/csv");
      return name;
    }),
  );
  const words = t(
    "This file has them as they are drawn, simplified for the screen; the server of the map " +
      "gives full precision.",
  );
  return [el("p", {}, words), el("p", { class: "take-row" }, geojson, ...tables), told];
}

function openFiles(instrument) {
  if (instrument.config.mode !== "served") {
    return { node: part("files", t("Files"), ...ownFiles(instrument)), show() {}, leave() {} };
  }
  const list = el("ul", { class: "take-files" });
  const problem = el("p", { class: "small", role: "status" });
  let running = null;
  async function show() {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    list.setAttribute("aria-busy", "true");
    try {
      const address = `api/downloads?${instrument.query()}`;
      const { formats } = await instrument.getJson(address, { signal: mine.signal });
      if (running !== mine) return;
      problem.textContent = "";
      list.replaceChildren(...formats.map(formatItem), tableItem(instrument, instrument.bundle()));
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      list.replaceChildren(tableItem(instrument, instrument.bundle()));
      problem.textContent = error.message;
    } finally {
      if (running === mine) list.removeAttribute("aria-busy");
    }
  }
  const leave = () => running?.abort();
  return { node: part("files", t("Files"), list, problem), show, leave };
}

// --- a page for other pages ----------------------------------------------------------------------

function snippetOf(instrument) {
  const { plan, identity } = instrument.bundle();
  const title = t("{plan}: map on the line of contact of {date}", {
    plan: plan.title,
    date: day(identity.date),
  });
  const frame = el("iframe", {
    src: embedAddress(instrument),
    title,
    width: "100%",
    height: EMBED_HEIGHT_PX,
    loading: "lazy",
    frameborder: 0,
  });
  const link = el("p", {}, el("a", { href: stateAddress(instrument) }, title));
  return `${frame.outerHTML}\n${link.outerHTML}`;
}

function openTexts(instrument) {
  const texts = new Map();
  const add = (name, options) => {
    const text = openText(instrument, { name, ...options });
    texts.set(name, text);
    return text.node;
  };
  const parts = { link: null, embed: null };
  if (instrument.config.mode === "served") {
    const make = () => pageAddress(instrument);
    const link = add("link", { title: t("Address of exactly this map"), make });
    parts.link = part("link", t("Link"), link);
    const code = add("embed", {
      title: t("HTML for a page of yours: map, sentence, legend and sources"),
      rows: 5,
      make: () => snippetOf(instrument),
    });
    parts.embed = part("embed", t("Embed"), code);
  }
  const cite = citationsOf(instrument).map(({ key, name }) => {
    const make = () => citationsOf(instrument).find((one) => one.key === key).text;
    return add(key, { title: name, rows: 4, make });
  });
  parts.cite = part("cite", t("Cite"), ...cite);
  return { parts, show: () => texts.forEach((text) => text.show()), link: texts.get("link") };
}

export function open(instrument, root) {
  const { parts, show, link } = openTexts(instrument);
  const files = openFiles(instrument);
  const order = [parts.link, pictures(instrument), files.node, parts.cite, parts.embed];
  root.append(...order.filter(Boolean));
  const follow = () => link?.show();
  instrument.map.on("moveend", follow);
  return {
    show() {
      show();
      files.show();
    },
    leave() {
      instrument.map.off("moveend", follow);
      files.leave();
    },
  };
}
