// The words of the page and the forms of its numbers and dates.

import { lang, learnedName, number, t } from "./i18n.js";

const HOLDER = { ukraine: t("Ukrainian-held"), russia: t("Russian-held") };

const SIDE = { ukraine: t("Ukraine"), russia: t("Russia") };

const RECOGNISED_AS = {
  ukraine: t("Ukrainian##recognised as"),
  russia_de_facto: t("De facto Russian"),
  russia_de_facto_along_line: t("De facto Russian, along the line of contact"),
  russia_international: t("Internationally, territory of the Russian Federation"),
  not_stated: t("The text does not say"),
};

const FORCES = {
  ukraine: t("Ukrainian##forces"),
  russia: t("Russian##forces"),
  none: t("None: demilitarised"),
};

const CHANGE = {
  ukraine_withdraws: t("Ukrainian forces withdraw"),
  russia_withdraws: t("Russian forces withdraw"),
  recognition_only: t("Recognition only; nobody withdraws"),
  none: t("None##change"),
};

export function holder(key) {
  return HOLDER[key] ?? key;
}

export function side(key) {
  return SIDE[key] ?? key;
}

export function recognisedAs(key) {
  return RECOGNISED_AS[key] ?? key;
}

export function forces(key) {
  return FORCES[key] ?? key;
}

export function change(key) {
  return CHANGE[key] ?? key;
}

// Whole numbers; something that is there but rounds to nothing says so.
export function whole(value) {
  if (value === null || value === undefined) return t("not known");
  if (value !== 0 && Math.abs(value) < 0.5) return "< 1";
  return number(Math.round(value));
}

export function km2(value) {
  return t("{area} km²", { area: whole(value) });
}

// A share from 0 to 1 as a percentage: two figures at least, never a false 0 or 100.
export function percent(share) {
  if (share === null || share === undefined) return t("not known");
  const value = 100 * share;
  if (value > 0 && value < 0.1) return `< ${number(0.1, 1)} %`;
  if (value > 99.9 && value < 99.9999) return `> ${number(99.9, 1)} %`;
  return `${number(value, value < 99.9 ? 1 : 0)} %`;
}

// "21 November 2025", "21 листопада 2025 р.": as Intl.DateTimeFormat writes it, which takes longer
// to make than all else that comes before the first painting.
const MONTHS = [
  (parts) => t("{day} January {year}", parts),
  (parts) => t("{day} February {year}", parts),
  (parts) => t("{day} March {year}", parts),
  (parts) => t("{day} April {year}", parts),
  (parts) => t("{day} May {year}", parts),
  (parts) => t("{day} June {year}", parts),
  (parts) => t("{day} July {year}", parts),
  (parts) => t("{day} August {year}", parts),
  (parts) => t("{day} September {year}", parts),
  (parts) => t("{day} October {year}", parts),
  (parts) => t("{day} November {year}", parts),
  (parts) => t("{day} December {year}", parts),
];
export function day(iso) {
  const [year, month, dayOfMonth] = iso.split("-").map(Number);
  return MONTHS[month - 1]({ day: dayOfMonth, year });
}

// "a", "a and b", "a, b and c".
export function list(names) {
  if (names.length < 2) return names.join("");
  const first = names.slice(0, -1).join(", ");
  return t("{first} and {last}", { first, last: names.at(-1) });
}

// The name of a place in the page's language, or the one that is recorded.
export function nameOf({ name_en: english, name_uk: ukrainian }) {
  if (lang !== "uk") return english;
  return (ukrainian || learnedName(english)).replaceAll("'", "’");
}

// "Donetsk Oblast" is "Donetsk" where the context says that it is an oblast.
export function shortName(name) {
  return name
    .replace(/ (Oblast|область)$/, "")
    .replace(/ \(Autonomous Republic\)$|^(Автономна Республіка|місто) /, "");
}

// Names of units in a case: oblasts are adjectives with a common noun, the others decline alone.
const CASES = {
  locative: {
    adjective: "ій",
    oblast: "області",
    oblasts: "областях",
    "Автономна Республіка Крим": "Автономній Республіці Крим",
    "місто Київ": "Києві",
    "місто Севастополь": "Севастополі",
  },
  genitive: {
    adjective: "ої",
    oblast: "області",
    oblasts: "областей",
    "Автономна Республіка Крим": "Автономної Республіки Крим",
    "місто Київ": "Києва",
    "місто Севастополь": "Севастополя",
  },
};

function declined(names, { adjective, oblast, oblasts, ...others }) {
  const isOblast = (name) => name.endsWith("а область");
  const adjectives = names.filter(isOblast).map((name) => name.replace(/а область$/, adjective));
  const alone = names.filter((name) => !isOblast(name)).map((name) => others[name] ?? name);
  const noun = adjectives.length > 1 ? oblasts : oblast;
  return list([...(adjectives.length ? [`${list(adjectives)} ${noun}`] : []), ...alone]);
}

// Where something is: "in Donetsk", "у Донецькій області".
export function within(units) {
  const names = units.map(nameOf);
  if (lang !== "uk") return t("in {places}", { places: list(names.map(shortName)) });
  const places = declined(names, CASES.locative);
  return `${/^[аеєиіїоуюя]/i.test(places) ? "в" : "у"} ${places}`;
}

// What something is part of: "Donetsk", "Донецької області".
export function ofUnits(units) {
  const names = units.map(nameOf);
  return lang === "uk" ? declined(names, CASES.genitive) : list(names.map(shortName));
}
