// The sentences that say who would leave what, and as whose the rest would be recognised.

import { el } from "./dom.js";
import { day, km2, list, shortName, side } from "./words.js";

// What is recognised, in the order of the sentence.
const RECOGNISED = [
  ["russia_international", "internationally recognised as Russian"],
  ["russia_de_facto", "recognised as de facto Russian"],
  ["russia_de_facto_along_line", "frozen along the line of contact, with de facto recognition"],
  ["not_stated", "frozen, with no word on recognition"],
];
const ZONE = {
  russia_international: () => "internationally recognised as Russian",
  russia_de_facto: (where) => `recognised as de facto Russian as part of ${where}`,
  ukraine: () => "recognised as Ukrainian",
};
const OTHER = { ukraine: "Russian", russia: "Ukrainian" };

function strong(text) {
  return el("strong", { class: "number" }, text);
}

function areaOf(faces) {
  return faces.reduce((total, face) => total + face.area_km2, 0);
}

// Who leaves what: how much, how much of it is left to agreement, where, the largest first.
function leavesWords(key, rows) {
  const column = `${key}_leaves_km2`;
  const some = rows.filter((row) => row[column] > 0).sort((a, b) => b[column] - a[column]);
  const total = (name) => some.reduce((sum, row) => sum + row[name], 0);
  const sum = total(column);
  if (!sum) return [`${side(key)} would leave nothing`];
  const open = key === "russia" ? total("to_be_agreed_km2") : 0;
  const isAllOpen = open > 0 && sum - open < 0.5;
  const names = some.map((row) => shortName(row.name_en));
  const where = names.length > 5 ? `${names.length} regions` : list(names);
  const left = isAllOpen
    ? "; which of it is left to agreement"
    : `; ${km2(open)} of it by agreement`;
  const words = [`${side(key)} would leave `, strong(`${isAllOpen ? "up to " : ""}${km2(sum)}`)];
  return [...words, ` in ${where}${open ? left : ""}`];
}

function changeWords(bundle) {
  const rows = bundle.tables.change.filter(({ oblast }) => oblast !== "total");
  const when = `On the line of ${day(bundle.identity.date)}, `;
  if (!rows.length) return [when, "neither side would leave any ground."];
  return [when, ...leavesWords("ukraine", rows), "; ", ...leavesWords("russia", rows), "."];
}

// What becomes of land where no forces are allowed: as whose it is recognised, who stays out.
function zoneWords(faces) {
  const zone = faces.filter((face) => face.forces_allowed === "none");
  if (!zone.length) return [];
  const [{ held_by: heldBy, recognised_as: as }] = zone;
  const leaving = faces.filter(({ change }) => change === `${heldBy}_withdraws`);
  const isAll = leaving.every((face) => zone.includes(face));
  const subject = isAll ? `What ${side(heldBy)} leaves` : km2(areaOf(zone));
  const where = list(zone.map((face) => shortName(face.name_en)));
  const outcome = ZONE[as]?.(where) ?? "with no word on recognition";
  return [
    ` ${subject} would be a demilitarised zone, `,
    el("strong", {}, outcome),
    `, that ${OTHER[heldBy]} forces may not enter.`,
  ];
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
    const held = ours ? ` (${km2(ours)} of it Ukrainian-held)` : "";
    return [[strong(km2(areaOf(some))), outcome + held]];
  });
  return parts.flatMap(([area, outcome], index) => [
    index ? ", and " : someoneLeaves ? " Another " : " ",
    area,
    index ? ` ${outcome}` : ` would be ${outcome}`,
    index === parts.length - 1 ? "." : "",
  ]);
}

// What a chosen reading leaves unsettled.
function openWords(faces) {
  const open = faces.filter(({ category }) => category === "not_settled");
  return open.length ? ` What becomes of ${km2(areaOf(open))} is not settled.` : "";
}

// Which answers to the text's open questions differ from the plan's defaults.
function readingWords({ identity, plan }) {
  const chosen = Object.entries(identity.readings ?? {}).map(([name, option]) => {
    const found = (plan.readings ?? []).find(({ id }) => id === name);
    const label = found?.option.find(({ id }) => id === option)?.label ?? option;
    return `${name.replaceAll("_", " ")}: ${label}`;
  });
  return chosen.length ? ` Read otherwise than by default: ${chosen.join("; ")}.` : "";
}

export function headlineOf(bundle) {
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
      kicker: `${name} · published text: ${source.publisher}`,
      heading: "What the text means on the map",
      caption: "What the text says",
      back: "Back to the text",
    };
  }
  const isBaseline = basis === "baseline";
  return {
    kicker: isBaseline ? "Baseline for comparison, not a published plan" : "Not a published plan",
    heading: "What this case means on the map",
    caption: "What this case assumes",
    back: "Back to the case",
  };
}
