// The search box, and what a chosen place means: the box is there at once, what it does and all that
// is said of a place is loaded when somebody first searches or points.

import { byId, el } from "../core/dom.js";
import { loadFeature } from "../core/tool_registry.js";
import { learnWords, t } from "../core/i18n.js";

// What a click is meant for, when it is not the map's ground.
const OWN_CLICK = ".face, .leaflet-marker-icon, .leaflet-control, .leaflet-tooltip";

function searchBox() {
  const input = el("input", {
    ...{ id: "search-text", type: "search", role: "combobox", autocomplete: "off" },
    ...{ "aria-expanded": "false", "aria-controls": "search-list", "aria-autocomplete": "list" },
    ...{ spellcheck: "false", enterkeyhint: "search", maxlength: "1000" },
    placeholder: t("Find a place or a position"),
  });
  const label = el("label", { for: "search-text", class: "hidden" }, t("Find a place or a position"));
  const list = el("ul", { id: "search-list", role: "listbox", "aria-label": t("Places found"), hidden: "" });
  byId("search").replaceChildren(label, input, list);
  byId("search").addEventListener("submit", (event) => event.preventDefault());
  return { input, list };
}

export function openPlacing(instrument, { inspector, faces }) {
  const box = searchBox();
  let feature = null;

  function load() {
    feature ??= Promise.all([loadFeature("place"), learnWords()])
      .then(([module]) => module.open(instrument, { ...box, inspector, faces }))
      .catch((error) => {
        feature = null;
        byId("status").textContent = t("More about places could not be loaded.");
        throw error;
      });
    return feature;
  }

  async function withFeature(task) {
    const ready = await load().catch(() => null);
    if (ready) task(ready);
  }

  for (const kind of ["focus", "input"]) {
    box.input.addEventListener(kind, () => feature ?? withFeature((place) => place.search()));
  }
  instrument.onPlace((at) => withFeature((place) => place.choose(at)));
  instrument.map.on("click", ({ latlng: { lng: lon, lat }, originalEvent: { target } }) => {
    if (target.closest?.(OWN_CLICK) || instrument.panel() === "whatif") return;
    withFeature((place) => place.choose({ lon, lat }));
  });

  return {
    // The place that the link names, or none.
    restore() {
      if (feature || instrument.fragment.get("place")) withFeature((place) => place.restore());
    },
    left() {
      if (feature) withFeature((place) => place.leave());
    },
  };
}
