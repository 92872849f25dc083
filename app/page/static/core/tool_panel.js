// The tools below the legend and the panel that they open: one at a time, never over the map.

import { byId, el } from "./dom.js";
import { FEATURES, loadFeature, offered } from "./tool_registry.js";
import { t } from "./i18n.js";

// A feature sees the instrument through this: what it listens to ends when its panel is closed.
function leash(instrument) {
  const endings = [];
  const own = Object.create(instrument);
  for (const name of ["onShow", "onPlace"]) {
    own[name] = (fn) => {
      const end = instrument[name](fn);
      endings.push(end);
      return end;
    };
  }
  own.fragment = {
    ...instrument.fragment,
    onChange(fn) {
      const end = instrument.fragment.onChange(fn);
      endings.push(end);
      return end;
    },
  };
  return { own, loosen: () => endings.splice(0).forEach((end) => end()) };
}

export function openPanels(instrument, { onOpen = () => {} } = {}) {
  const bar = byId("tools");
  const drawer = byId("drawer");
  const names = offered(instrument.config.mode);
  const buttons = new Map();
  let current = null;
  let open = null;

  function title(name) {
    return FEATURES[name].title();
  }

  function mark() {
    for (const [name, button] of buttons) {
      button.setAttribute("aria-expanded", String(name === current));
    }
    drawer.hidden = current === null;
    byId("page").classList.toggle("with-drawer", current !== null);
  }

  // Where the panel stands in the column, its head comes below the map.
  function bringUp() {
    if (getComputedStyle(drawer).position === "static") drawer.scrollIntoView({ block: "start" });
  }

  function leave() {
    if (!open) return;
    const { handle, loosen } = open;
    open = null;
    loosen();
    handle.leave?.();
  }

  function frame(name) {
    const root = el("section", { class: `feature feature--${name}`, "aria-labelledby": "drawer-title" });
    const close = el("button", { type: "button", class: "drawer-close" }, t("Close"));
    close.addEventListener("click", () => {
      hide();
      buttons.get(name)?.focus();
    });
    const heading = el("h2", { id: "drawer-title", tabindex: "-1" }, title(name));
    drawer.replaceChildren(el("div", { class: "drawer-head" }, heading, close), root);
    drawer.scrollTop = 0;
    return root;
  }

  function tellFailure(name, root, error) {
    const again = el("button", { type: "button" }, t("Try again"));
    again.addEventListener("click", () => show(name, { again: true }));
    const words = t("“{name}” could not be loaded.", { name: title(name) });
    root.replaceChildren(el("div", { class: "alert", role: "alert" }, words, " ", again));
    if (!(error instanceof TypeError) && error.name !== "Error") throw error;
  }

  async function fill(name, root) {
    const module = await loadFeature(name);
    if (current !== name || !root.isConnected) return;
    const { own, loosen } = leash(instrument);
    root.replaceChildren();
    open = { handle: module.open(own, root) ?? {}, loosen };
    open.handle.show?.(instrument.bundle());
  }

  // Opens the panel of a feature; resolves when it shows the present state.
  async function show(name, { again = false, push = true } = {}) {
    if (FEATURES[name]?.resident) byId(name).scrollIntoView({ block: "start" });
    if (!names.includes(name)) return;
    if (current === name && !again) return;
    leave();
    current = name;
    const root = frame(name);
    root.setAttribute("aria-busy", "true");
    mark();
    if (push) bringUp();
    instrument.fragment.set("panel", name, { push });
    onOpen(name);
    try {
      await fill(name, root);
    } catch (error) {
      if (current === name) tellFailure(name, root, error);
    } finally {
      root.removeAttribute("aria-busy");
    }
  }

  function hide({ push = true } = {}) {
    if (current === null) return;
    leave();
    current = null;
    drawer.replaceChildren();
    mark();
    instrument.fragment.set("panel", null, { push });
  }

  function buttonOf(name) {
    const attributes = { type: "button", "aria-expanded": "false", "aria-controls": "drawer" };
    const button = el("button", { ...attributes, "data-panel": name }, title(name));
    button.addEventListener("click", () => (current === name ? hide() : show(name)));
    buttons.set(name, button);
    return el("li", {}, button);
  }

  bar.querySelector("ul").replaceChildren(...names.map(buttonOf));
  bar.hidden = names.length === 0;
  mark();
  // Escape closes the panel that the keyboard is in.
  drawer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || current === null) return;
    event.stopPropagation();
    const name = current;
    hide();
    buttons.get(name)?.focus();
  });

  return {
    show,
    hide,
    current: () => current,
    refresh: (bundle) => open?.handle.show?.(bundle),
  };
}
