// How to cite what is shown: in words, for LaTeX, and for programs that keep references.

import { t } from "../../core/i18n.js";
import { day } from "../../core/format.js";
import { permanentQuery, stateAddress } from "./links.js";

const NAME = "point21";
const SPECIAL = /[\\{}&%$#_^~]/g;
const ESCAPED = { "\\": "\\textbackslash{}", "^": "\\^{}", "~": "\\~{}" };

function today() {
  const now = new Date();
  const two = (n) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function latex(text) {
  return text.replace(SPECIAL, (sign) => ESCAPED[sign] ?? `\\${sign}`);
}

function factsOf(instrument) {
  const { plan, identity } = instrument.bundle();
  const address = stateAddress(instrument);
  const isAddress = instrument.config.mode === "served";
  const title = t("{plan}: map and figures on the line of contact of {date}", {
    plan: plan.title,
    date: day(identity.date),
  });
  const note = t("Data version {version}; parameters {parameters}", {
    version: identity.data_version,
    parameters: permanentQuery(instrument),
  });
  const version = instrument.config.version;
  return { identity, title, note, version, address: isAddress ? address : null, seen: today() };
}

function inWords({ title, note, version, address, seen }) {
  const parts = [
    `${NAME}, ${t("version {version}", { version })}`,
    title,
    note,
    address ? t("{address} (seen on {date})", { address, date: day(seen) }) : null,
  ];
  // A part may end in a full stop of its own: "2025 р."
  return parts.flatMap((words) => (words ? [`${words.replace(/\.$/, "")}.`] : [])).join(" ");
}

function inBibtex({ identity, title, note, version, address, seen }) {
  const fields = {
    author: `{${NAME}}`,
    title: `{${latex(title)}}`,
    date: seen.slice(0, 4),
    version: latex(version),
    note: latex(note),
    ...(address ? { url: address, urldate: seen } : {}),
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}},`);
  const key = `${NAME}-${identity.plan}-${identity.date}`;
  return `@online{${key},\n${lines.join("\n")}\n}`;
}

function inCsl({ identity, title, note, version, address, seen }) {
  const accessed = { "date-parts": [seen.split("-").map(Number)] };
  const item = {
    id: `${NAME}-${identity.plan}-${identity.date}`,
    type: "map",
    title,
    author: [{ literal: NAME }],
    version,
    note,
    ...(address ? { URL: address, accessed } : {}),
  };
  return JSON.stringify([item], null, 2);
}

// [{ key, name, text }]: the same citation in each form.
export function citationsOf(instrument) {
  const facts = factsOf(instrument);
  return [
    { key: "text", name: t("In words"), text: inWords(facts) },
    { key: "bibtex", name: "BibTeX", text: inBibtex(facts) },
    { key: "csl", name: "CSL-JSON", text: inCsl(facts) },
  ];
}
