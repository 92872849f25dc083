// The sentences that say who would leave what, and as whose the rest would be recognised.

import { el } from "../core/dom.js";
import { learnNames, phrase, plural, t } from "../core/i18n.js";
import { day, km2, list, nameOf, ofUnits, shortName, side, within } from "../core/format.js";

// What is recognised, in the order of the sentence.
const RECOGNISED = [
  ["russia_international", t("internationally recognised as Russian")],
  ["russia_de_facto", t("recognised as de facto Russian")],
  [
    "russia_de_facto_along_line",
    t("frozen along the line of contact, with de facto recognition"),
  ],
  ["not_stated", t("frozen, with no word on recognition")],
];
const ZONE = {
  russia_international: () => t("internationally recognised as Russian##zone"),
  russia_de_facto: (units) =>
    t("recognised as de facto Russian as part of {units}", { units: ofUnits(units) }),
  ukraine: () => t("recognised as Ukrainian##zone"),
};
const OTHER_FORCES = { ukraine: t("Russian forces"), russia: t("Ukrainian forces") };

function strong(text) {
  return el("strong", { class: "number" }, text);
}

function areaOf(faces) {
  return faces.reduce((total, face) => total + face.area_km2, 0);
}

function whereOf(rows) {
  if (rows.length <= 5) return within(rows);
  return plural(rows.length, { one: "in {n} region", other: "in {n} regions" });
}

// Who leaves what: how much, how much of it is left to agreement, where, the largest first.
function leavesWords(key, rows) {
  const column = `${key}_leaves_km2`;
  const some = rows.filter((row) => row[column] > 0).sort((a, b) => b[column] - a[column]);
  const total = (name) => some.reduce((sum, row) => sum + row[name], 0);
  const sum = total(column);
  const who = side(key);
  if (!sum) return [t("{who} would leave nothing", { who })];
  const open = key === "russia" ? total("to_be_agreed_km2") : 0;
  const isAllOpen = open > 0 && sum - open < 0.5;
  const area = strong(isAllOpen ? t("up to {amount}", { amount: km2(sum) }) : km2(sum));
  const values = { who, area, where: whereOf(some), open: km2(open) };
  if (!open) return phrase("{who} would leave {area} {where}", values);
  if (isAllOpen) {
    return phrase("{who} would leave {area} {where}; which of it is left to agreement", values);
  }
  return phrase("{who} would leave {area} {where}; {open} of it by agreement", values);
}

function changeWords(bundle) {
  const rows = bundle.tables.change;
  const date = day(bundle.identity.date);
  if (!rows.length) {
    return [t("On the line of {date}, neither side would leave any ground.", { date })];
  }
  const [ukraine, russia] = ["ukraine", "russia"].map((key) => leavesWords(key, rows));
  return phrase("On the line of {date}, {ukraine}; {russia}.", { date, ukraine, russia });
}

// What becomes of land where no forces are allowed: as whose it is recognised, who stays out.
function zoneWords(faces) {
  const zone = faces.filter((face) => face.forces_allowed === "none");
  if (!zone.length) return [];
  const [{ held_by: heldBy, recognised_as: as }] = zone;
  const leaving = faces.filter(({ change }) => change === `${heldBy}_withdraws`);
  const isAll = leaving.every((face) => zone.includes(face));
  const values = {
    who: side(heldBy),
    area: km2(areaOf(zone)),
    outcome: el("strong", {}, ZONE[as]?.(zone) ?? t("with no word on recognition")),
    forces: OTHER_FORCES[heldBy],
  };
  return isAll
    ? phrase(
        " What {who} leaves would be a demilitarised zone, {outcome}, that {forces} may not enter.",
        values,
      )
    : phrase(
        " {area} would be a demilitarised zone, {outcome}, that {forces} may not enter.",
        values,
      );
}

// What is recognised or frozen where it lies; what of it the other side holds is said.
function staysWords(faces, someoneLeaves) {
  const isStaying = (face) =>
    face.forces_allowed !== "none" &&
    !face.change.endsWith("_withdraws") &&
    face.category !== "retained" &&
    face.category !== "not_settled";
  const parts = RECOGNISED.flatMap(([key, outcome]) => {
    const some = faces.filter((face) => isStaying(face) && face.recognised_as === key);
    if (!some.length) return [];
    const ours = areaOf(some.filter((face) => face.held_by === "ukraine"));
    const area = strong(km2(areaOf(some)));
    if (!ours) return [{ area, outcome }];
    const held = t("{outcome} ({area} of it Ukrainian-held)", { outcome, area: km2(ours) });
    return [{ area, outcome: held }];
  });
  if (!parts.length) return [];
  const [first, ...others] = parts;
  const more = others.flatMap((part) => phrase(", and {area} {outcome}", part));
  return someoneLeaves
    ? phrase(" Another {area} would be {outcome}{more}.", { ...first, more })
    : phrase(" {area} would be {outcome}{more}.", { ...first, more });
}

// What a chosen reading leaves unsettled.
function openWords(faces) {
  const open = faces.filter(({ category }) => category === "not_settled");
  if (!open.length) return "";
  return t(" What becomes of {area} is not settled.", { area: km2(areaOf(open)) });
}

// The answer to a question: an option, or the oblasts of a list.
function answerOf(reading, option, oblasts) {
  const found = reading?.option.find(({ id }) => id === option);
  if (found) return found.label;
  const named = option.split(",").map((code) => oblasts.find(({ id }) => id === code));
  return list(named.filter(Boolean).map((oblast) => shortName(nameOf(oblast)))) || option;
}

// Which answers to the text's open questions differ from the plan's defaults.
function readingWords({ identity, plan, oblasts }) {
  const chosen = Object.entries(identity.readings ?? {}).map(([name, option]) => {
    const found = (plan.readings ?? []).find(({ id }) => id === name);
    return `${found?.question ?? name} ${answerOf(found, option, oblasts)}`;
  });
  if (!chosen.length) return "";
  return t(" Read otherwise than by default: {chosen}.", { chosen: chosen.join("; ") });
}

export function headlineOf(bundle) {
  learnNames(bundle.oblasts);
  const faces = bundle.faces.features.map(({ properties }) => properties);
  const someoneLeaves = faces.some(({ change }) => change.endsWith("_withdraws"));
  return [
    ...changeWords(bundle),
    ...zoneWords(faces),
    ...staysWords(faces, someoneLeaves),
    openWords(faces),
    readingWords(bundle),
  ];
}

// What stands above the sentences: whose text it is, or that it is none.
export function titlesOf({ basis, title, source }) {
  if (basis === "published") {
    const [name] = title.split(", ");
    return {
      kicker: t("{plan} · published text: {publisher}", { plan: name, publisher: source.publisher }),
      heading: t("What the text means on the map"),
      caption: t("What the text says"),
      back: t("Back to the text"),
    };
  }
  const isBaseline = basis === "baseline";
  return {
    kicker: isBaseline
      ? t("Baseline for comparison, not a published plan")
      : t("Not a published plan"),
    heading: t("What this case means on the map"),
    caption: t("What this case assumes"),
    back: t("Back to the case"),
  };
}
