// The headline, and the notes at the end: what no map can show, and what the figures rest on.

import { byId, el, link, translationOf } from "./dom.js";
import { headlineOf, titlesOf } from "./headline.js";
import { number, t } from "./language.js";
import { day, whole } from "./words.js";

const LIMITS = [
  t(
    "Areas are measured on the WGS 84 ellipsoid at full precision; " +
      "shapes on the screen are simplified.",
  ),
  t(
    "Population is as recorded by GeoNames (edition of July 2026), which does not date its " +
      "figures: some are from before 2022, some from the war; not the people who live there now.",
  ),
];

function sourceItem({ title, source, date, licence, licence_url: address, attribution }) {
  const words = [el("strong", {}, title), `: ${source}, ${date}. `, link(address, licence)];
  return el("li", {}, ...words, ". ", attribution ?? "");
}

function lineWords({ date, length_km: length, uncertainty_km: spread, ...facts }) {
  const known = { date: day(date), length: whole(length) };
  if (!spread) return t("The line of contact is that of {date}, {length} km long.", known);
  return t(
    "The line of contact is that of {date}, {length} km long. " +
      "Its position is uncertain by {spread} km ({definition}).",
    { ...known, spread: number(spread, 1), definition: facts.uncertainty_definition },
  );
}

function showSources(bundle) {
  const { contact_line: line, identity, plan, sources } = bundle;
  const made = t("Plan: {plan}. Data version {version}. Drawn with Folium and Leaflet.", {
    plan: plan.title,
    version: identity.data_version,
  });
  byId("sources").replaceChildren(
    el("p", {}, bundle.note),
    el("p", {}, lineWords(line.properties)),
    ...LIMITS.map((text) => el("p", {}, text)),
    el("ul", {}, ...sources.map(sourceItem)),
    el("p", { class: "small" }, made),
  );
}

// What the text says and no map can show.
function showNotDrawn({ clauses }) {
  const some = clauses.filter(({ kind }) => kind === "not_mapped");
  byId("not-drawn").hidden = !some.length;
  const items = some.map(({ article, quote, reason, ...more }) =>
    el(
      "li",
      {},
      el("span", { lang: more.lang }, el("strong", {}, article), `: ${reason} `),
      el("q", { lang: more.quote_lang }, quote),
      more.quote_translation ? translationOf(more.quote_translation) : null,
    ),
  );
  byId("not-drawn-list").replaceChildren(...items);
}

export function showHeadline(bundle) {
  const { kicker, heading } = titlesOf(bundle.plan);
  byId("kicker").textContent = kicker;
  byId("heading").textContent = heading;
  byId("headline").replaceChildren(...headlineOf(bundle));
  const when = day(bundle.identity.date);
  byId("notes-date").textContent = when;
  document.title = t("{plan}, {when} · Point 21 on the map", { plan: bundle.plan.title, when });
}

export function showNotes(bundle) {
  showNotDrawn(bundle.plan);
  showSources(bundle);
}
