// What the page's address says: the state behind the ?, and what only this page knows behind the #.
// "Every state is a link" rests on these two being read and written in one place.

const UNKNOWN = "#unknown?";
const ID = /^[a-z][a-z0-9_-]*$/;

// What goes without saying: the first of each choice, and English.
export function homeOf({ sources: [source], boundaries: [boundaries] }) {
  return { source: source.id, boundaries: boundaries.id, lang: "en" };
}

// Colons and commas are allowed in a query, and easier to read.
function plain(parameters) {
  return parameters.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
}

// Readings as they stand in an address: [["luhansk_pocket", "retained"]].
function readingsOf(texts) {
  const pairs = texts.map((text) => [text.split(":", 1)[0], text.slice(text.indexOf(":") + 1)]);
  return Object.fromEntries(pairs.filter(([name, option]) => ID.test(name) && option));
}

// The state that the address names; what it does not name is as the page came with it.
export function readState(first) {
  const asked = new URLSearchParams(location.search);
  const named = ["plan", "date", "source", "boundaries", "lang"].map((name) => [
    name,
    asked.get(name) ?? first[name],
  ]);
  const readings = asked.has("reading") ? readingsOf(asked.getAll("reading")) : first.readings;
  return { ...Object.fromEntries(named), readings };
}

// The query that asks the server for a state; what is there by default goes without saying.
export function queryOf(state, home, more = {}) {
  const parameters = new URLSearchParams({ plan: state.plan, date: state.date });
  for (const name of ["source", "boundaries", "lang"]) {
    if (state[name] && state[name] !== home[name]) parameters.set(name, state[name]);
  }
  for (const name of Object.keys(state.readings ?? {}).sort()) {
    parameters.append("reading", `${name}:${state.readings[name]}`);
  }
  for (const [name, value] of Object.entries(more)) {
    if (value !== null && value !== undefined) parameters.set(name, value);
  }
  return plain(parameters);
}

// Whether two states ask the server for the same.
export function isSame(one, other, home) {
  return queryOf(one, home) === queryOf(other, home);
}

// Writes a state into the address: a step back leads to the one before, unless it is replaced.
export function writeState(state, home, { replace = false } = {}) {
  const address = `${location.pathname}?${queryOf(state, home)}${location.hash}`;
  if (address === location.pathname + location.search + location.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
}

// What an address asked for that does not exist: the server took it out and noted it behind the #.
export function takeUnknown() {
  if (!location.hash.startsWith(UNKNOWN)) return null;
  const noted = new URLSearchParams(location.hash.slice(UNKNOWN.length));
  history.replaceState(null, "", location.pathname + location.search);
  return [...noted];
}

// What only this page knows: which panel is open, which part of the map is in view, and so on.
export function openFragment() {
  const listeners = new Set();
  let known = null;

  const read = () => {
    const hash = location.hash.slice(1);
    return new URLSearchParams(hash.includes("=") ? hash : "");
  };

  function get(key) {
    return read().get(key);
  }

  // null takes the key away. `push` makes it a step that "back" undoes.
  function set(key, value, { push = false } = {}) {
    const parameters = read();
    if (value === null || value === undefined || value === "") parameters.delete(key);
    else parameters.set(key, value);
    const text = plain(parameters);
    const address = location.pathname + location.search + (text && `#${text}`);
    if (address === location.pathname + location.search + location.hash) return;
    history[push ? "pushState" : "replaceState"](null, "", address);
    known = location.hash;
  }

  // Calls fn(fragment) when somebody goes back or forward, or writes another fragment.
  function onChange(fn) {
    listeners.add(fn);
    return () => listeners.delete(fn);
  }

  addEventListener("popstate", () => {
    if (location.hash === known) return;
    known = location.hash;
    for (const fn of listeners) fn({ get, set });
  });

  return { get, set, onChange };
}
