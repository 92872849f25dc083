// Says which features of a file a line was made of, and which were left out.

import { plural, t } from "../../core/i18n.js";
import { day, list } from "../../core/format.js";

const MOST_NAMES = 5;
const MOST_LETTERS = 60;

function named(names) {
  const short = names
    .slice(0, MOST_NAMES)
    .map((name) => (name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS)}…` : name));
  return names.length > MOST_NAMES ? `${short.join("; ")}; …` : short.join("; ");
}

// "2 features are united: Luhansk part; Donetsk part. 3 features are left out: …"
export function unitedWords({ features, names, days, left_out: others }) {
  const left = others.reduce((sum, other) => sum + other.features, 0);
  const leftNames = others.flatMap((other) => other.names);
  const sentences = [
    plural(features, { one: "{n} feature is used.", other: "{n} features are united." }),
    names.length && t("Named: {names}.", { names: named(names) }),
    days.length && t("Of the day {day}.", { day: list(days.map(day)) }),
    left && plural(left, { one: "{n} feature is left out.", other: "{n} features are left out." }),
    leftNames.length && t("Left out: {names}.", { names: named(leftNames) }),
  ];
  return sentences.filter(Boolean).join(" ");
}

// "where=status=occupied" in words: what a choice behind a file's name means.
export function choiceWords(choice) {
  const [key, ...rest] = choice.split("=");
  const value = rest.join("=");
  if (key === "day") return day(value);
  if (key === "kind") return value === "area" ? t("the areas") : t("the lines");
  if (key !== "where") return value;
  const [property, ...parts] = value.split("=");
  return `${property}: ${parts.join("=")}`;
}
