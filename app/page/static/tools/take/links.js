// Addresses of what is shown: of the page itself, of the page to embed, and for a citation.

const OWN_PANEL = "take";

function isServed({ config }) {
  return config.mode === "served";
}

// Every parameter is named, so that a default that changes later changes nothing.
export function permanentQuery(instrument) {
  const { source, boundaries } = instrument.state();
  return instrument.query(undefined, { source, boundaries });
}

// The address of the map with a query; null where there is no server.
function addressOf(instrument, path, hash = "") {
  if (!isServed(instrument)) return null;
  const address = new URL(path, document.baseURI);
  address.search = permanentQuery(instrument);
  address.hash = hash;
  return address.href;
}

// With what only the page knows: the part of the map in view, layers switched off, and so on.
export function pageAddress(instrument) {
  const known = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  if (known.get("panel") === OWN_PANEL) known.delete("panel");
  const { lat, lng } = instrument.map.getCenter();
  const zoom = instrument.map.getZoom();
  known.set("view", [lat.toFixed(3), lng.toFixed(3), zoom].join());
  const hash = known.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return addressOf(instrument, ".", hash);
}

// The settlement alone, for a citation; in a file its parameters.
export function stateAddress(instrument) {
  return addressOf(instrument, ".") ?? permanentQuery(instrument);
}

export function embedAddress(instrument) {
  return addressOf(instrument, "embed");
}

// A name for a file that says what is in it.
export function fileName({ plan, date, readings = {} }, part, suffix) {
  const chosen = Object.entries(readings)
    .filter(([name]) => name !== "line_date")
    .map((pair) => pair.join("-").replace(/[^\w-]+/g, "-"));
  return `${[plan, date, ...chosen, part].join("_")}.${suffix}`;
}
