// What the caption says of a place beyond what it says of the area: which place it is, since when
// who holds it, how many were recorded there, how far the line is, and what differs elsewhere.

import { el, translationOf } from "../../core/dom.js";
import { number, t } from "../../core/i18n.js";
import { day, forces, holder, nameOf, recognisedAs, side, whole } from "../../core/format.js";

const BASIS = {
  "deepstate-assessment": () =>
    t("Assessed daily after DeepState’s public map."),
  geonames: () => t("Not assessed itself: so far from the front, the assessed places around tell."),
  statement: () => t("After a published statement."),
};

function kilometres(value) {
  return number(value, value < 10 ? 1 : 0);
}

// Since when, honestly: the first day it was so observed, or before the records begin.
function sinceWhen({ since, recorded_from: from }) {
  if (since) return t("since {date}, the first day it was observed so", { date: day(since) });
  if (from) return t("since before {date}, when the observations begin", { date: day(from) });
  return "";
}

function heldRows({ place, near }) {
  const known = place ?? near;
  const since = known && sinceWhen(known);
  if (!since) return [];
  const basis = BASIS[known.basis]?.() ?? "";
  const who = place
    ? since
    : t("{place}, {km} km away: {holder} {since}", {
        place: nameOf(near),
        km: kilometres(near.distance_km),
        holder: holder(near.observed_as),
        since,
      });
  const term = place ? t("Held so") : t("Nearest place");
  return [[term, el("span", {}, who, " ", el("span", { class: "basis" }, basis))]];
}

// Of the place itself, and by name where it is only the nearest one.
function peopleRows({ place, near }) {
  if (place) return [[t("People recorded in the place"), whole(place.population)]];
  if (!near) return [];
  const words = { people: whole(near.population), place: nameOf(near) };
  return [[t("People at the nearest place"), t("{people} in {place}", words)]];
}

function lineRows({ distance_to_line_km: km, outside_by_km: outside, approximate }) {
  if (km === null || km === undefined) return [];
  const away = kilometres(km);
  const words = approximate ? t("about {km} km", { km: away }) : t("{km} km", { km: away });
  const rows = [[t("Distance to the line"), words]];
  if (outside > 0) {
    const note = t("{km} km outside the coast or border as drawn", { km: kilometres(outside) });
    rows.push([t("Position"), note]);
  }
  return rows;
}

// What an outcome is called in the page's language: the bundle knows most labels.
function labelOf({ category, label }, bundle) {
  return bundle.categories.find((known) => known.category === category)?.label ?? label;
}

function wordsOf(other, bundle) {
  const title = bundle.offer.find(({ id }) => id === other.plan)?.title_short ?? other.title;
  if (!other.question) return { title, reading: "" };
  const ours = other.plan === bundle.plan.id ? (bundle.plan.readings ?? []) : [];
  for (const { id, question, option } of ours) {
    const found = option.find((one) => one.id === (other.readings[id] ?? null));
    if (found) return { title, reading: t("{question} {answer}", { question, answer: found.label }) };
  }
  const { question, option: answer } = other;
  return { title, reading: t("{question} {answer}", { question, answer }) };
}

function alternative(other, told, bundle, onGo) {
  const { title, reading } = wordsOf(other, bundle);
  const differs = [labelOf(other, bundle)];
  if (other.recognised_as !== told.recognised_as) {
    differs.push(t("recognised as: {what}", { what: recognisedAs(other.recognised_as) }));
  }
  if (other.forces_allowed !== told.forces_allowed) {
    differs.push(t("forces allowed: {what}", { what: forces(other.forces_allowed) }));
  }
  const clause = other.clauses.at(-1);
  const show = el("button", { type: "button" }, t("Show it"));
  show.addEventListener("click", () => onGo({ plan: other.plan, readings: other.readings }));
  return el(
    "li",
    {},
    el("strong", {}, title),
    reading ? el("span", { class: "alternative-reading" }, " ", reading) : null,
    el("span", { class: "alternative-outcome" }, " ", differs.join(" · ")),
    clause?.quote ? el("q", { lang: clause.quote_lang ?? "en" }, clause.quote) : null,
    clause?.quote_translation ? translationOf(clause.quote_translation) : null,
    show,
  );
}

function elsewhere(told, bundle, onGo) {
  if (!told.alternatives) return null;
  if (!told.alternatives.length) {
    const same = t("The other published text and every other reading say the same of this place.");
    return el("div", { class: "elsewhere" }, el("p", { class: "reading" }, same));
  }
  return el(
    "div",
    { class: "elsewhere" },
    el("h3", {}, t("Read otherwise")),
    el("ul", {}, ...told.alternatives.map((other) => alternative(other, told, bundle, onGo))),
  );
}

function contested({ place }) {
  if (!place?.contested) return null;
  return el("p", { class: "flag" }, t("Published statements of this day call the place contested."));
}

// Title, rows and blocks for inspector.showFace.
export function describe(told, { instrument, face, onGo }) {
  const { place } = told;
  const bundle = { ...instrument.bundle(), offer: instrument.offer.plans };
  const inOblast = place && { place: nameOf(place), oblast: nameOf(face) };
  return {
    title: inOblast ? t("{place}, {oblast}", inOblast) : null,
    held: heldRows(told),
    rows: [...peopleRows(told), ...lineRows(told)],
    notes: [contested(told)],
    after: [elsewhere(told, bundle, onGo)],
  };
}

// One sentence to be said aloud.
export function summary({ place, label, category, held_by: heldBy }, instrument) {
  const name = place ? nameOf(place) : t("This place");
  const words = { name, side: side(heldBy), label: labelOf({ category, label }, instrument.bundle()) };
  return t("{name}: held by {side}; {label}.", words);
}
