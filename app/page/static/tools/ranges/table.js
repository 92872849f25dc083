// The ranges as a table.

import { el } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { whole } from "../../core/format.js";
import { openGrid } from "../shared/table.js";

function figure(key, title) {
  const cell = (row) => (row[key] === null ? "–" : whole(row[key]));
  return { key, title, unit: "km²", number: true, cell };
}

// A table of models, as `sectionOf` takes them; `address` leads to the CSV.
export function openTable(models, { address, say }) {
  const grid = openGrid({
    name: "ranges",
    caption: t("Figures and their ranges, km²"),
    columns: [
      { key: "title", title: t("Figure") },
      figure("now", t("Shown now")),
      figure("standard", t("By default")),
      figure("low", t("Lowest reading")),
      figure("high", t("Highest reading")),
      figure("lineLow", t("Line’s position, from")),
      figure("lineHigh", t("Line’s position, to")),
    ],
    sort: { key: "now", down: true },
    say,
    tools: [
      el("a", { class: "grid-csv", href: address }, t("CSV of the readings, all figures")),
    ],
  });
  const rows = models.map(({ title, range, interval, shown }) => ({
    title,
    now: shown,
    ...range,
    lineLow: interval?.low ?? null,
    lineHigh: interval?.high ?? null,
  }));
  grid.show(rows);
  return grid;
}
