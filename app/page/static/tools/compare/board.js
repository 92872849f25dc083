// The panel of the comparison: how it is looked at, the sentence, and the tables.

import { el } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { km2 } from "../../core/format.js";
import { KINDS } from "./link.js";
import { matrixTable, oblastTable, placesTable } from "./tables.js";
import { elsewhere, kindTitle, placesWords, sentence } from "./words.js";

const PATIENCE_MS = 150;

function radio(name, value, text, onChoose) {
  const box = el("input", { type: "radio", name, value });
  box.addEventListener("change", () => onChoose(value));
  return [box, el("label", {}, box, el("span", {}, text))];
}

function scroll(label, ...content) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, ...content);
}

function section(title, ...content) {
  return el("section", { class: "compare-part" }, el("h3", {}, title), ...content);
}

// How it is looked at: the view, what is compared, and whether the rest is veiled.
function openControls({ onView, onKind, onOnly }) {
  const [swipe, swipeLabel] = radio("compare-view", "swipe", t("Swipe"), onView);
  const [side, sideLabel] = radio("compare-view", "side", t("Two maps"), onView);
  const only = el("input", { type: "checkbox", name: "compare-only" });
  only.addEventListener("change", () => onOnly(only.checked));
  const kind = el("select", { name: "compare-by" });
  kind.addEventListener("change", () => onKind(kind.value));
  const kinds = el("label", { class: "compare-kind" }, el("span", {}, t("Compared by")), kind);
  kinds.hidden = true;
  const node = el(
    "div",
    { class: "compare-controls" },
    el(
      "fieldset",
      { class: "compare-views" },
      el("legend", {}, t("Seen as")),
      swipeLabel,
      sideLabel,
      el("label", {}, only, el("span", {}, t("Only what differs"))),
    ),
    kinds,
  );
  return {
    node,
    set(look, moved) {
      swipe.checked = look.view === "swipe";
      side.checked = look.view === "side";
      only.checked = look.only;
      if (!moved) return;
      const options = KINDS.map((by) => {
        const words = `${kindTitle(by)}: ${km2(moved[by])}`;
        return el("option", { value: by }, words);
      });
      kinds.hidden = false;
      kind.replaceChildren(...options);
      kind.value = look.by;
    },
  };
}

function elsewhereNote(by, sides, onKind) {
  const others = elsewhere(by, sides);
  if (!others.length) return null;
  const buttons = others.map(({ by: kind, words }) => {
    const button = el("button", { type: "button" }, words);
    button.addEventListener("click", () => onKind(kind));
    return button;
  });
  return el("p", { class: "compare-elsewhere" }, t("They also differ in:"), " ", ...buttons);
}

export function openBoard(root, chooser, handlers) {
  const controls = openControls(handlers);
  const status = el("p", { class: "status", role: "status" });
  const alert = el("div", { class: "alert", role: "alert", hidden: true });
  const words = el("div", { class: "compare-words", "aria-live": "polite" });
  const figures = el("div", { class: "compare-figures" });
  let timer = 0;
  root.replaceChildren(chooser, controls.node, status, alert, words, figures);

  function ready() {
    clearTimeout(timer);
    root.removeAttribute("aria-busy");
    status.textContent = "";
    alert.hidden = true;
  }

  function fill({ look, sides, differences, names, csv }) {
    const { by } = look;
    ready();
    controls.set(look, sides.comparison.moved_km2);
    words.replaceChildren(
      el("p", { class: "compare-names" }, el("strong", {}, "A"), ` ${names.a}`, el("br"), el("strong", {}, "B"), ` ${names.b}`),
      el("p", { class: "compare-sentence" }, sentence(by, sides)),
      el("p", {}, placesWords(sides.comparison)),
    );
    const link = csv ? el("p", { class: "download" }, el("a", { href: csv }, t("This matrix as CSV"))) : null;
    const note = elsewhereNote(by, sides, handlers.onKind);
    const parts = [
      note,
      scroll(t("Transfer matrix"), matrixTable(by, sides, handlers.onPick)),
      link,
      differences.length
        ? section(
            t("By oblast"),
            scroll(t("By oblast"), oblastTable(by, sides, differences, handlers.onPick)),
          )
        : null,
      sides.comparison.settlements.places.length
        ? section(
            t("Places of another category or holder"),
            scroll(t("Places of another category or holder"), ...placesTable(sides)),
          )
        : null,
    ];
    figures.replaceChildren(...parts.filter(Boolean));
  }

  // Marks the figure whose land is brought out on the map.
  function mark(pair) {
    const key = pair && `${pair.before} ${pair.after}`;
    for (const one of figures.querySelectorAll("[data-pair] button")) {
      const { pair: its, oblast } = one.parentNode.dataset;
      const isIt = its === key && oblast === pair.oblast;
      one.setAttribute("aria-pressed", String(isIt));
    }
  }

  return {
    fill,
    mark,
    setLook: (look) => controls.set(look, null),
    // Says that it is at work if there is something to wait for.
    busy(text) {
      clearTimeout(timer);
      root.setAttribute("aria-busy", "true");
      alert.hidden = true;
      timer = setTimeout(() => {
        status.textContent = text;
      }, PATIENCE_MS);
    },
    empty() {
      words.replaceChildren();
      figures.replaceChildren();
    },
    fail(text, onRetry) {
      ready();
      const again = el("button", { type: "button" }, t("Try again"));
      again.addEventListener("click", onRetry);
      alert.replaceChildren(text, " ", again);
      alert.hidden = false;
    },
    leave: () => clearTimeout(timer),
  };
}
