// What the map rests on: sources, method, how exact it is, how it compares, what it does not claim.

import { el, link, translationOf } from "../../core/dom.js";
import { number, t } from "../../core/i18n.js";
import { day, list, nameOf, shortName, whole } from "../../core/format.js";
import { unitedWords } from "../shared/united.js";

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

const METHOD = [
  t(
    "The line of contact is computed: each recorded place belongs to who held it on that day, " +
      "land between places to the nearest of them, and the line is the border between the two.",
  ),
  t(
    "The line cuts each oblast along straight edges in longitude and latitude. The parts share " +
      "their border exactly, so that their areas add up to that of the oblast.",
  ),
  t(
    "Slivers that arise only because two sources draw a border or the coast differently go to " +
      "the side that they adjoin; they count as no change of control.",
  ),
  t(
    "A sentence of the text then says what becomes of each part. Where it leaves something " +
      "open, the answer chosen under “Readings” counts, and every figure follows it.",
  ),
];

const NOT_CLAIMED = [
  t(
    "Borders are the internationally recognised ones, as affirmed by resolution 68/262 of the " +
      "United Nations General Assembly. “Held” says who controls a place, not whose it is.",
  ),
  t("The map does not say whether a plan is just, lawful or likely, and it proposes none."),
  t(
    "The line is no front line in the military sense: it knows no positions, no trenches and " +
      "no grey zone, and between recorded places it is only as exact as they lie close.",
  ),
];

const FIGURES = {
  russia_held_share: t("Russian-held share"),
  russia_held_km2: t("Russian-held area"),
  ukraine_held_km2: t("Ukrainian-held area"),
  net_km2: t("Gained by Russia, net"),
  contact_line_km: t("Length of the line"),
};

const VERDICTS = {
  agrees: t("agrees"),
  explained: t("differs, explained"),
  unexplained: t("differs, not explained"),
};

const UNITS = {
  "%": (value) => `${number(value, 1)} %`,
  km2: (value) => t("{area} km²", { area: whole(value) }),
  km: (value) => t("{n} km", { n: number(value) }),
};

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

function sourcesOf(bundle) {
  const { contact_line: line, identity, plan, sources } = bundle;
  const made = t("Plan: {plan}. Data version {version}. Drawn with Folium and Leaflet.", {
    plan: plan.title,
    version: identity.data_version,
  });
  return [
    el("p", {}, bundle.note),
    el("p", {}, lineWords(line.properties)),
    ...(identity.united ? [el("p", {}, unitedWords(identity.united))] : []),
    ...LIMITS.map((text) => el("p", {}, text)),
    el("ul", {}, ...sources.map(sourceItem)),
    el("p", { class: "small" }, made),
  ];
}

// What the text says and no map can show.
function notDrawnOf({ clauses }) {
  return clauses
    .filter(({ kind }) => kind === "not_mapped")
    .map(({ article, quote, reason, ...more }) =>
      el(
        "li",
        {},
        el("span", { lang: more.lang }, el("strong", {}, article), `: ${reason} `),
        el("q", { lang: more.quote_lang }, quote),
        more.quote_translation ? translationOf(more.quote_translation) : null,
      ),
    );
}

function unfolding(name, title, ...nodes) {
  const head = el("summary", {}, el("h3", {}, title));
  return el("details", { class: "trust-part", "data-part": name }, head, ...nodes);
}

// --- published figures -----------------------------------------------------------------------

function placesOf({ oblasts, minus }, units) {
  const names = (codes) =>
    list(codes.map((code) => shortName(nameOf(units.find(({ id }) => id === code)))));
  if (!oblasts.length) return t("Ukraine");
  if (!minus.length) return names(oblasts);
  return t("{places} without {others}", { places: names(oblasts), others: names(minus) });
}

function checkRow(check, units) {
  const write = UNITS[check.unit] ?? ((value) => `${number(value, 1)} ${check.unit}`);
  const what = `${FIGURES[check.figure] ?? check.figure}: ${placesOf(check, units)}`;
  const by = [el("span", { lang: "en" }, check.published_by), `, ${day(check.line_date)}`];
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, what, el("br"), el("span", { class: "small" }, ...by)),
    el("td", { class: "number" }, write(check.value)),
    el("td", { class: "number" }, write(check.ours)),
    el("td", {}, VERDICTS[check.verdict] ?? check.verdict),
  );
}

function checksTable({ checks }, units) {
  const head = [
    el("th", { scope: "col" }, t("Figure")),
    el("th", { scope: "col", class: "number" }, t("Published")),
    el("th", { scope: "col", class: "number" }, t("Here")),
    el("th", { scope: "col" }, t("Result")),
  ];
  const rows = checks.map((check) => checkRow(check, units));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
  const name = t("Published figures and ours");
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, table);
}

// Asked for when somebody unfolds it.
function openChecks(instrument) {
  const body = el("div", { role: "status" });
  const title = t("How it agrees with published figures");
  const node = unfolding("verify", title, body);
  let asked = false;
  node.addEventListener("toggle", async () => {
    if (!node.open || asked) return;
    asked = true;
    try {
      const found = await instrument.getJson("api/verify");
      const { agrees = 0 } = found.verdicts;
      const words = t(
        "{n} of {all} agree within the stated tolerance; the table says which of the others have " +
          "a known reason.",
        { n: number(agrees), all: number(found.checks.length) },
      );
      body.replaceChildren(el("p", {}, words), checksTable(found, instrument.bundle().oblasts));
    } catch (error) {
      asked = false;
      body.textContent = error.message;
    }
  });
  return node;
}

export function open(instrument, root) {
  const items = el("ul", { id: "not-drawn-list" });
  const heading = el("h2", { id: "not-drawn-title" }, t("Not drawn, and why"));
  const undrawn = el("section", { id: "not-drawn", "aria-labelledby": "not-drawn-title" });
  undrawn.append(heading, items);
  const sources = el("div", { id: "sources" });
  const paragraphs = (texts) => texts.map((text) => el("p", {}, text));
  const parts = [
    unfolding("method", t("How the figures come about"), ...paragraphs(METHOD)),
    instrument.config.mode === "served" ? openChecks(instrument) : null,
    unfolding("claims", t("What the map does not claim"), ...paragraphs(NOT_CLAIMED)),
  ];
  const title = el("h2", { id: "sources-title", tabindex: "-1" }, t("Sources, method and limits"));
  root.append(undrawn, title, sources, ...parts.filter(Boolean));

  function show(bundle) {
    const some = notDrawnOf(bundle.plan);
    undrawn.hidden = !some.length;
    items.replaceChildren(...some);
    sources.replaceChildren(...sourcesOf(bundle));
  }

  return { show, leave() {} };
}
