// What is asked of the server for a line, and where the known line comes from.

import { geometryOf, linesOf, partsFrom } from "./editor/line.js";

// A state as POST /api/what-if and /api/compare name it: PLAN@DATE~CHOICES.
export function nameOfState({ plan, date, source, boundaries, readings }) {
  const chosen = Object.entries({ source, boundaries, ...readings }).filter(([, value]) => value);
  const choices = chosen.map(([name, value]) => `${name}:${value}`).join(",");
  return `${plan}@${date}${choices && `~${choices}`}`;
}

// The question: the line, and everything else as it is shown.
export function questionOf({ parts, plan }, identity, more = {}) {
  const { date, source, boundaries, readings } = identity;
  const chosen = plan ? { plan: plan.plan } : { plan: identity.plan, readings: readings ?? {} };
  return {
    ...chosen,
    date,
    source,
    boundaries,
    line: geometryOf(parts),
    reference: nameOfState(identity),
    geometry: "display",
    ...more,
  };
}

export function keyOfLine({ date, source, boundaries }) {
  return [date, source, boundaries].join(" ");
}

// The line of the shown state: at full precision from the server, else as it is drawn.
export async function knownLine(instrument, bundle) {
  const { date, source, boundaries } = bundle.identity;
  const key = keyOfLine(bundle.identity);
  if (instrument.config.mode !== "served") {
    const { geometry, properties } = bundle.contact_line;
    return { key, parts: partsFrom(linesOf(geometry)), properties };
  }
  const query = new URLSearchParams({ date });
  for (const [name, value] of Object.entries({ source, boundaries })) {
    if (value) query.set(name, value);
  }
  const { geometry, properties } = await instrument.getJson(`api/contact-line?${query}`);
  return { key, parts: partsFrom(linesOf(geometry)), properties };
}
