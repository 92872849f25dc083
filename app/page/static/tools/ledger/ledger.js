// The ledger: what each side would leave, who is recorded there, and every other table.

import { el } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { identityCells, saveText, toCsv } from "../shared/clipboard.js";
import { openGrid } from "../shared/table.js";
import { tablesOf } from "./tables.js";

const SORT = "sort";
const NAME = /[^a-z0-9]+/g;

// How tables were sorted, as it stands in the link: "change:net_leaves_km2:up,towns:name:down".
function sortedIn(text) {
  const entries = (text ?? "").split(";").map((part) => part.split(":"));
  return new Map(
    entries
      .filter((parts) => parts.length === 3)
      .map(([name, key, way]) => [name, { key, down: way === "down" }]),
  );
}

function inLink(sorted) {
  const parts = [...sorted].map(([name, { key, down }]) => [name, key, down ? "down" : "up"]);
  return parts.map((part) => part.join(":")).join(";");
}

export function open(instrument, root) {
  const sorted = sortedIn(instrument.fragment.get(SORT));
  const isServed = instrument.config.mode === "served";
  const parts = new Map();
  let shown = null;

  // Sums are for reading: in a file they would be counted with the rows.
  function saveCsv({ name, columns, rows, raw }) {
    const { identity } = shown;
    const all = raw?.length ? Object.keys(raw[0]).map((key) => ({ key })) : columns;
    const text = toCsv(all, raw ?? rows, identityCells(identity));
    const part = name.replace(NAME, "-");
    saveText(text, `${identity.plan}_${identity.date}_${part}.csv`, "text/csv");
  }

  // An address where there is a server that has the table, else a file made here.
  function csvTool(name, by) {
    const words = t("CSV, all rows and digits");
    if (isServed && by) {
      return el("a", { class: "grid-csv", "data-csv": name, href: "#" }, words);
    }
    const button = el("button", { type: "button", class: "grid-csv" }, words);
    button.addEventListener("click", () => saveCsv(parts.get(name).table));
    return button;
  }

  function openPart(table) {
    const { name, by, caption, columns } = table;
    const tool = csvTool(name, by);
    const known = columns.some(({ key }) => key === sorted.get(name)?.key);
    const grid = openGrid({
      name,
      caption,
      columns,
      sort: known ? sorted.get(name) : table.sort,
      say: instrument.say,
      tools: [tool],
      onSort: (key, down) => {
        sorted.set(name, { key, down });
        instrument.fragment.set(SORT, inLink(sorted));
      },
    });
    const note = el("p", { class: "small", id: `note-${table.key}` });
    const head = el("summary", {}, el("h3", {}, table.title));
    const facts = { class: "ledger-part", id: `statistics-${table.key}`, open: table.isOpen };
    const node = el("details", facts, head, grid.node, note);
    root.append(node);
    return { grid, node, note, tool };
  }

  function showPart(table, bundle) {
    const { name, by, rows, sums } = table;
    if (!parts.has(name)) parts.set(name, openPart(table));
    const part = parts.get(name);
    part.table = { ...table, raw: by ? bundle.tables[by] : null };
    part.node.hidden = !rows.length && name !== "change";
    part.note.textContent = table.note ?? "";
    part.grid.show(rows, sums, table.columns);
    if (part.tool.href) {
      const query = instrument.query(undefined, { by, format: "csv" });
      part.tool.href = `api/statistics?${query}`;
    }
  }

  function show(bundle) {
    shown = bundle;
    for (const table of tablesOf(bundle)) showPart(table, bundle);
  }

  return {
    show,
    leave() {
      for (const { grid } of parts.values()) grid.leave();
    },
  };
}
