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

function fromServer() {
  return {
    bundle: (plan, date, signal) => getJson(`api/map?plan=${plan}&date=${date}${ground()}`, signal),
    background: () => getJson("map/background.json"),
  };
}

// Embedded bundles leave out the geometry that they share with the first; it is put back here.
function fromPage(config) {
  const [first] = config.bundles;
  const key = ({ properties }) => `${properties.oblast} ${properties.held_by}`;
  const shapes = new Map(first.faces.features.map((face) => [key(face), face.geometry]));
  for (const bundle of config.bundles) {
    for (const face of bundle.faces.features) face.geometry ??= shapes.get(key(face));
  }
  const find = (plan, date) =>
    config.bundles.find(({ identity }) => identity.plan === plan && identity.date === date);
  return {
    bundle: async (plan, date) => {
      const bundle = find(plan, date);
      if (!bundle) throw new SourceError("This file does not carry that plan and day.");
      return bundle;
    },
    background: async () => config.background,
  };
}

export function openSource(config) {
  return config.mode === "inline" ? fromPage(config) : fromServer();
}
