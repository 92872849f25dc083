// Where bundles and the background come from: the server, or this very file.

// A request that did not lead to an answer, with a sentence for people.
export class SourceError extends Error {}

async function getJson(address, signal) {
  let answer;
  try {
    answer = await fetch(address, { signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new SourceError("The server could not be reached.");
  }
  const document = await answer.json().catch((error) => {
    if (error.name === "AbortError") throw error;
    return null;
  });
  if (answer.ok && document) return document;
  throw new SourceError(document?.detail ?? `The server answered ${answer.status}.`);
}

// Whose line and whose oblasts: the page's address names them where they are not ours.
export function ground() {
  const asked = new URLSearchParams(location.search);
  const named = ["source", "boundaries"].filter((name) => asked.has(name));
  return named.map((name) => `&${name}=${encodeURIComponent(asked.get(name))}`).join("");
}

// Embedded bundles leave out the geometry that they share with the first; it is put back here.
function restoreGeometry(bundles) {
  const key = ({ properties }) => `${properties.oblast} ${properties.held_by}`;
  const [first, ...others] = bundles;
  const shapes = new Map(first.faces.features.map((face) => [key(face), face.geometry]));
  for (const { faces } of others) {
    for (const face of faces.features) face.geometry ??= shapes.get(key(face));
  }
}

async function notCarried() {
  throw new SourceError("This file does not carry that plan and day.");
}

export function openSource({ bundles, background, mode }) {
  const isServed = mode === "served";
  const fetched = (plan, date, signal) => getJson(`api/map?plan=${plan}&date=${date}${ground()}`, signal);
  const missing = isServed ? fetched : notCarried;
  restoreGeometry(bundles);

  // What the page carries is there at once; anything else is a promise.
  function bundle(plan, date, signal) {
    const carried = bundles.find(({ identity: is }) => is.plan === plan && is.date === date);
    return carried ?? missing(encodeURIComponent(plan), encodeURIComponent(date), signal);
  }

  return {
    bundle,
    background: () => background ?? getJson("map/background.json"),
  };
}
