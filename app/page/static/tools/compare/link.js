// How a comparison is written: as the API names a settlement (PLAN@DATE~CHOICES), and behind the #,
// with how it is looked at, so that a link restores it.

export const VIEWS = ["swipe", "side"];
export const KINDS = ["category", "recognised_as", "forces_allowed", "held_by"];

const REFERENCE = /^([^@~;]+)@([^@~;]+)(?:~([^;]*))?$/;
const SHARE = /^\d{1,3}$/;

// A state, in the words of the API; `queryOf` writes the query that asks for it.
export function referenceOf(state, queryOf) {
  const asked = new URLSearchParams(queryOf(state));
  const named = ["source", "boundaries"].filter((name) => asked.has(name));
  const choices = [
    ...named.map((name) => `${name}:${asked.get(name)}`),
    ...asked.getAll("reading"),
  ];
  const tail = choices.length ? `~${choices.join(",")}` : "";
  return `${state.plan}@${state.date}${tail}`;
}

// A member without a colon belongs to the value before it: "a:x,y,b:z" is { a: "x,y", b: "z" }.
function readChoices(text) {
  const choices = {};
  let name = null;
  for (const member of text ? text.split(",") : []) {
    const colon = member.indexOf(":");
    if (colon > 0) {
      name = member.slice(0, colon);
      choices[name] = member.slice(colon + 1);
    } else if (name) choices[name] += `,${member}`;
  }
  return choices;
}

// The state that is written so; null if it is written otherwise.
export function readReference(text) {
  const found = REFERENCE.exec(text ?? "");
  if (!found) return null;
  const { source, boundaries, ...readings } = readChoices(found[3]);
  return { plan: found[1], date: found[2], source, boundaries, readings };
}

// What is compared, and how it is looked at: the view, where the divider stands (percent), what is
// compared, and whether only what differs is shown.
export function readLink(text) {
  const [reference, ...words] = (text ?? "").split(";");
  return {
    b: readReference(reference),
    view: words.find((word) => VIEWS.includes(word)) ?? VIEWS[0],
    by: words.find((word) => KINDS.includes(word)) ?? null,
    at: Math.min(Number(words.find((word) => SHARE.test(word)) ?? 50), 100),
    only: words.includes("only"),
  };
}

export function writeLink({ view, by, at, only }, reference) {
  const words = [reference, view, view === "swipe" && at !== 50 && String(Math.round(at)), by];
  return [...words, only && "only"].filter(Boolean).join(";");
}
