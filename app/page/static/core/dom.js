// Builds DOM nodes. Text always goes in as text: nothing that comes from data is read as HTML.

import { t } from "./i18n.js";

// Whether the page is one column: page.css says from which width it is not.
export const narrow = matchMedia("(max-width: 899px)");

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function byId(id) {
  return document.getElementById(id);
}

// The legend's swatch of a category, pattern included.
export function swatch(category) {
  const box = { x: 0.5, y: 0.5, width: 25, height: 15, fill: `url(#pattern-${category})` };
  const shape = { class: "swatch", width: 26, height: 16, "aria-hidden": "true" };
  return svg("svg", shape, svg("rect", box));
}

// Our translation of a quotation, marked as such.
export function translationOf(text) {
  const mark = el("span", { class: "translator" }, t("(our translation)"));
  return el("p", { class: "translation" }, t("“{text}”", { text }), " ", mark);
}

// A link only where the address is one that a browser may follow safely.
export function link(address, text) {
  const safe = /^https?:\/\//.test(address ?? "");
  return safe ? el("a", { href: address, rel: "noopener" }, text) : el("span", {}, text);
}
