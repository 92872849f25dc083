// What a comparison is called and what it says, in words.

import { plural, t } from "../../core/i18n.js";
import { day, forces, holder, km2, recognisedAs, whole } from "../../core/format.js";

const SMALLEST_KM2 = 0.5;

export function kindTitle(by) {
  return {
    category: t("What becomes of the land"),
    recognised_as: t("As whose it is recognised"),
    forces_allowed: t("Whose forces are allowed"),
    held_by: t("Who holds it that day"),
  }[by];
}

// A label in full; those of categories come with the bundles.
export function labelOf(by, key, { a, b }) {
  if (by === "held_by") return holder(key);
  if (by === "recognised_as") return recognisedAs(key);
  if (by === "forces_allowed") return forces(key);
  const found = [...a.categories, ...b.categories].find(({ category }) => category === key);
  return found?.label ?? t("Not settled");
}

// The same in one word or two, for the head of a column.
export function shortLabel(by, key) {
  const words = {
    category: {
      de_facto_recognized: t("recognised"),
      frozen: t("frozen"),
      buffer_zone: t("zone"),
      relinquished: t("given up"),
      retained: t("Ukraine keeps"),
      not_settled: t("open"),
    },
    recognised_as: {
      ukraine: t("Ukrainian##land"),
      russia_de_facto: t("de facto Russian"),
      russia_de_facto_along_line: t("along the line"),
      russia_international: t("international"),
      not_stated: t("not said"),
    },
    forces_allowed: {
      ukraine: t("Ukrainian##forces"),
      russia: t("Russian##forces"),
      none: t("none##forces"),
    },
    held_by: { ukraine: t("Ukraine##holder"), russia: t("Russia##holder") },
  };
  return words[by][key] ?? key;
}

// How one category is spoken of as what A says, and as what B would do.
function wasWords(key) {
  return {
    de_facto_recognized: t("that A has recognised as Russian"),
    frozen: t("that A freezes along the line"),
    buffer_zone: t("that A makes a demilitarised buffer zone"),
    relinquished: t("that Russia gives up in A"),
    retained: t("that A leaves with Ukraine"),
    not_settled: t("that A leaves open"),
  }[key];
}

function becomesWords(key) {
  return {
    de_facto_recognized: t("would be recognised as Russian"),
    frozen: t("would be frozen along the line"),
    buffer_zone: t("would be a demilitarised buffer zone"),
    relinquished: t("would be given up by Russia"),
    retained: t("would stay with Ukraine"),
    not_settled: t("would be left open"),
  }[key];
}

// What goes where, the largest first: [{ before, after, area_km2 }].
export function transfers(matrix) {
  return Object.entries(matrix)
    .flatMap(([before, row]) =>
      Object.entries(row).map(([after, area]) => ({ before, after, area_km2: area })),
    )
    .filter(({ before, after, area_km2: area }) => before !== after && area > 0)
    .sort((one, other) => other.area_km2 - one.area_km2);
}

function partWords(by, { before, after, area_km2: area }, sides) {
  if (by === "category") {
    const values = { area: km2(area), was: wasWords(before), becomes: becomesWords(after) };
    return t("{area} {was} {becomes}", values);
  }
  const values = { area: km2(area), a: labelOf(by, before, sides), b: labelOf(by, after, sides) };
  return t("{area} goes from “{a}” to “{b}”", values);
}

function alikeWords(by) {
  return {
    category: t("A and B make the same of every square kilometre."),
    recognised_as: t("A and B recognise every square kilometre alike."),
    forces_allowed: t("A and B allow the same forces everywhere."),
    held_by: t("The same side holds every square kilometre in A and in B."),
  }[by];
}

// One sentence: what is otherwise under B.
export function sentence(by, sides) {
  const all = transfers(sides.comparison[by]);
  if (!all.length) return alikeWords(by);
  const told = all.filter(({ area_km2: area }) => area >= SMALLEST_KM2);
  const parts = (told.length ? told : all).map((one) => partWords(by, one, sides));
  return t("Under B, {parts}.", { parts: parts.join("; ") });
}

// Where else the two differ, if not in what is shown.
export function elsewhere(by, { comparison }) {
  const others = Object.entries(comparison.moved_km2).filter(
    ([kind, area]) => kind !== by && area > 0,
  );
  return others.map(([kind, area]) => ({ by: kind, words: `${kindTitle(kind)}: ${km2(area)}` }));
}

// How many places that is, and how many people are recorded there.
export function placesWords({ settlements }) {
  if (settlements.named_only) {
    const count = settlements.places.length;
    const words = plural(count, {
      one: "{n} town named on the map changes category.",
      other: "{n} towns named on the map change category.",
    });
    const none = t("No town named on the map changes category.");
    return `${count ? words : none} ${t("Smaller places need the server.")}`;
  }
  const count = settlements.settlements;
  if (!count) return t("No populated place changes category or holder.");
  const people = whole(settlements.population_recorded);
  return plural(
    count,
    {
      one: "{n} populated place changes category or holder; {people} people are recorded there.",
      other: "{n} populated places change category or holder; {people} people are recorded there.",
    },
    { people },
  );
}

// The parts of a settlement's name: its plan, the day of its line, and what else was chosen.
function partsOf({ offer }, { plan, date, source, readings }) {
  const [home] = offer.sources;
  const named = offer.sources.find(({ id }) => id === source);
  const count = Object.keys(readings ?? {}).length;
  return {
    plan: offer.plans.find(({ id }) => id === plan)?.title ?? plan,
    date: /^\d{4}-\d\d-\d\d$/.test(date) ? day(date) : date,
    source: named?.label ?? named?.title ?? source ?? home.id,
    isHome: !source || source === home.id,
    readings: count
      ? plural(count, { one: "{n} other reading", other: "{n} other readings" })
      : t("read as by default"),
    count,
  };
}

export function nameInOne(instrument, state) {
  const { plan, date, source, isHome, readings, count } = partsOf(instrument, state);
  return [plan, date, !isHome && source, count > 0 && readings].filter(Boolean).join(", ");
}

// Answers to the open questions of the text that one gives otherwise than the other.
function answersOf({ readings: one = {} }, { readings: other = {} }, questions) {
  return questions
    .filter(({ id, default: usual }) => (one[id] ?? usual) !== (other[id] ?? usual))
    .map(({ id, option, default: usual }) => {
      const chosen = one[id] ?? usual;
      return option.find((answer) => answer.id === chosen)?.label ?? chosen;
    })
    .join("; ");
}

// On the map there is room for what tells one from the other; the plan if nothing does.
export function tellingName(instrument, state, other) {
  const [one, two] = [state, other].map((each) => partsOf(instrument, each));
  if (one.plan === two.plan) {
    const { readings = [] } = instrument.bundle().plan;
    const isOurs = state.plan === instrument.bundle().plan.id;
    const answers = isOurs ? answersOf(state, other, readings) : "";
    if (answers) one.readings = answers;
    two.readings = answers ? "" : two.readings;
  }
  const telling = ["plan", "date", "source", "readings"].filter((part) => one[part] !== two[part]);
  return (telling.length ? telling : ["plan"]).map((part) => one[part]).join(", ");
}

export function pairWords(by, { before, after }, sides) {
  return t("{a} in A, {b} in B", {
    a: labelOf(by, before, sides),
    b: labelOf(by, after, sides),
  });
}

