// The ledger of change: what each side would leave, and what of it is left to agreement.

import { byId } from "./dom.js";
import { t } from "./language.js";
import { table } from "./table.js";
import { nameOf, shortName, whole } from "./words.js";

const TOTAL = "total";
const OPEN_NOTE = t(
  "“Up to”: the text leaves to agreement which of this land Russia leaves; " +
    "all that it holds there is counted.",
);

function most(row) {
  return Math.max(row.ukraine_leaves_km2, row.russia_leaves_km2);
}

function russiaCell({ russia_leaves_km2: value, to_be_agreed_km2: open }) {
  return open > 0 ? t("up to {amount}", { amount: whole(value) }) : whole(value);
}

// In words, for a sign could be read as a gain.
function balanceCell({ net_leaves_km2: net, to_be_agreed_km2: open }) {
  const amount = whole(Math.abs(net));
  if (net < 0 && open > 0) return t("Russia: up to {amount}", { amount });
  if (net < 0) return t("Russia: {amount}", { amount });
  return open > 0 ? t("at least {amount}", { amount }) : amount;
}

export function showLedger(rows) {
  const shown = rows
    .map((row) => ({ ...row, total: row.oblast === TOTAL }))
    .filter((row) => row.total || most(row) > 0)
    .sort((a, b) => a.total - b.total || most(b) - most(a));
  const columns = [
    { title: t("km²"), cell: (row) => (row.total ? t("In all") : shortName(nameOf(row))) },
    { title: t("Ukraine leaves"), number: true, cell: (row) => whole(row.ukraine_leaves_km2) },
    { title: t("Russia leaves"), number: true, cell: russiaCell },
    { title: t("Ukraine leaves more by"), number: true, cell: balanceCell },
  ];
  table("change", columns, shown);
  const isOpen = rows.some((row) => row.to_be_agreed_km2 > 0);
  byId("note-ledger").textContent = isOpen ? OPEN_NOTE : "";
}
