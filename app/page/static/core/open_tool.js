// A feature that is always open, in a place of its own on the page; loaded when the map is drawn.

import { byId, el } from "./dom.js";
import { FEATURES, loadFeature } from "./tool_registry.js";
import { t } from "./i18n.js";

function tellFailure(name, root, instrument) {
  const again = el("button", { type: "button" }, t("Try again"));
  again.addEventListener("click", () => openResident(name, instrument));
  const words = t("“{name}” could not be loaded.", { name: FEATURES[name].title() });
  root.replaceChildren(el("div", { class: "alert", role: "alert" }, words, " ", again));
}

// Resolves when the feature shows the present state, or has said why it cannot.
export async function openResident(name, instrument) {
  const root = byId(name);
  try {
    const module = await loadFeature(name);
    root.replaceChildren();
    const { show } = module.open(instrument, root);
    show(instrument.bundle());
    instrument.onShow(show);
  } catch (error) {
    tellFailure(name, root, instrument);
    if (!(error instanceof TypeError) && error.name !== "Error") throw error;
  }
}

// A feature that has no place on the page; without it the page does what it does by itself.
export async function openUnseen(name, instrument) {
  try {
    const module = await loadFeature(name);
    module.open(instrument);
  } catch (error) {
    if (!(error instanceof TypeError) && error.name !== "Error") throw error;
  }
}
