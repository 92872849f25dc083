// The sentence that says who gives up what.

import { el } from "./dom.js";
import { day, km2, list, shortName } from "./words.js";

function strong(text) {
  return el("strong", {}, text);
}

// Who leaves what: [sum, names of the oblasts, the largest first].
function leaves(rows, column) {
  const some = rows.filter((row) => row[column] > 0).sort((a, b) => b[column] - a[column]);
  const sum = some.reduce((total, row) => total + row[column], 0);
  return [sum, some.map((row) => shortName(row.name_en))];
}

function leavesWords(side, [sum, names]) {
  if (!sum) return [`${side} would leave nothing`];
  const where = names.length > 5 ? `${names.length} regions` : list(names);
  return [`${side} would leave `, strong(km2(sum)), ` in ${where}`];
}

function staysWords({ de_facto_recognized: recognised = 0, frozen = 0 }, someoneLeaves) {
  if (!recognised && !frozen) return [];
  const outcomes = [recognised && "recognised as de facto Russian", frozen && "frozen"];
  const area = strong(km2(recognised + frozen));
  const outcome = outcomes.filter(Boolean).join(" or ");
  return [someoneLeaves ? " Another " : " ", area, ` would be ${outcome}.`];
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
  const rows = bundle.tables.change.filter(({ oblast }) => oblast !== "total");
  const area = Object.fromEntries(bundle.categories.map((row) => [row.category, row.area_km2]));
  const ukraine = leaves(rows, "ukraine_leaves_km2");
  const russia = leaves(rows, "russia_leaves_km2");
  const someoneLeaves = ukraine[0] + russia[0] > 0;
  const change = someoneLeaves
    ? [...leavesWords("Ukraine", ukraine), "; ", ...leavesWords("Russia", russia), "."]
    : ["Neither side would leave any ground."];
  const when = ` Measured on the line of ${day(bundle.identity.date)}.`;
  return [...change, ...staysWords(area, someoneLeaves), when, readingWords(bundle)];
}
