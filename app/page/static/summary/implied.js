// Tells what the clauses of an area say in their own words from what only follows from them.

import { t } from "../core/i18n.js";

const UKRAINIAN = /recogni[sz]ed as (de facto )?Ukrainian|territorial integrity of Ukraine/i;
const STAYING = {
  ukraine: /Ukrainian (forces|troops) (may|will) (stay|remain)/i,
  russia: /Russian (forces|troops) (may|will) (stay|remain)/i,
};
const MARK = t(" (implied)");

// Marks for recognition and forces: empty where a quotation says so, or no clause applies.
export function implied({ recognised_as: recognised, forces_allowed: forces }, clauses) {
  const isSilent = (words) =>
    clauses.length > 0 && !clauses.some(({ quote }) => words.test(quote ?? ""));
  const staying = STAYING[forces];
  return {
    recognition: recognised === "ukraine" && isSilent(UKRAINIAN) ? MARK : "",
    forces: staying && isSilent(staying) ? MARK : "",
  };
}
