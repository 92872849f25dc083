// The search box: what is typed is looked up while it is being typed; arrows, Enter, Escape and a
// finger choose. After the combobox pattern of the ARIA Authoring Practices Guide.

import { el, swatch } from "../../core/dom.js";
import { plural, t } from "../../core/i18n.js";
import { nameOf, whole } from "../../core/format.js";

const PATIENCE_MS = 90;

// "Donetsk Oblast · 12 km from Pokrovsk · as Artemivsk"
function particulars(match) {
  const { kind, town, spelling, population } = match;
  const parts = [];
  if (kind !== "oblast" && match.oblast) {
    parts.push(nameOf({ name_en: match.oblast_name_en, name_uk: match.oblast_name_uk }));
  }
  if (!match.oblast) parts.push(t("outside the country"));
  if (town) {
    parts.push(t("{km} km from {place}", { km: whole(town.distance_km), place: nameOf(town) }));
  }
  if (population) parts.push(t("{people} people recorded", { people: whole(population) }));
  const own = [match.name_en, match.name_uk].map((name) => name.toLowerCase());
  if (spelling && kind === "place" && !own.includes(spelling.toLowerCase())) {
    parts.push(t("also {name}", { name: spelling }));
  }
  return parts.join(" · ");
}

export function openSearch({ input, list, find, onChoose, say }) {
  let matches = [];
  let active = -1;
  let shownFor = "";
  let running = null;
  let timer = 0;

  function mark(index) {
    active = index;
    [...list.children].forEach((item, at) => {
      item.setAttribute("aria-selected", String(at === index));
      if (at === index) item.scrollIntoView({ block: "nearest" });
    });
    const id = index >= 0 ? list.children[index]?.id : null;
    if (id) input.setAttribute("aria-activedescendant", id);
    else input.removeAttribute("aria-activedescendant");
  }

  function expand(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) mark(-1);
  }

  function optionOf(match, index) {
    const option = el(
      "li",
      { id: `search-option-${index}`, role: "option", "aria-selected": "false" },
      match.category ? swatch(match.category) : el("span", { class: "no-swatch" }),
      el("span", { class: "search-name" }, nameOf(match)),
      el("span", { class: "search-more" }, particulars(match)),
    );
    option.addEventListener("click", () => choose(index));
    return option;
  }

  // What is found; where nothing is, the note says why a position is not read.
  function show({ matches: found, note }) {
    const nothing = note || t("No place has a name like this.");
    matches = found;
    list.replaceChildren(...found.map(optionOf));
    mark(-1);
    if (!found.length) list.append(el("li", { role: "option", "aria-disabled": "true" }, nothing));
    expand(true);
    const count = plural(found.length, { one: "{n} place found", other: "{n} places found" });
    say(found.length ? count : nothing);
  }

  function tellFailure(message) {
    matches = [];
    list.replaceChildren(el("li", { role: "option", "aria-disabled": "true" }, message));
    expand(true);
  }

  // Resolves to whether the list now shows what was typed.
  async function look() {
    clearTimeout(timer);
    running?.abort();
    const text = input.value.trim();
    if (!text) {
      expand(false);
      return false;
    }
    const mine = new AbortController();
    running = mine;
    try {
      const found = await find(text, mine.signal);
      if (running !== mine || document.activeElement !== input) return false;
      show(found);
      shownFor = text;
      return true;
    } catch (error) {
      if (running === mine && error.name !== "AbortError") tellFailure(error.message);
      return false;
    }
  }

  function choose(index) {
    const match = matches[index];
    if (!match) return;
    running?.abort();
    clearTimeout(timer);
    input.value = nameOf(match);
    expand(false);
    onChoose(match);
  }

  // Nobody chooses from what was found for something else, typed a moment ago.
  async function enter() {
    clearTimeout(timer);
    const isOld = active < 0 && shownFor !== input.value.trim();
    if ((list.hidden || !matches.length || isOld) && !(await look())) return;
    choose(Math.max(active, 0));
  }

  function step(by) {
    if (list.hidden) {
      look();
      return;
    }
    const count = matches.length;
    if (count) mark(active < 0 && by < 0 ? count - 1 : (active + by + count) % count);
  }

  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: enter,
    Escape() {
      if (list.hidden) input.value = "";
      else expand(false);
    },
  };

  input.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.isComposing) return;
    if (event.key === "Escape" && list.hidden && !input.value) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PATIENCE_MS);
  });
  input.addEventListener("blur", () => {
    running?.abort();
    clearTimeout(timer);
    expand(false);
  });
  // A finger or pointer on the list does not take the focus from the box.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());

  return { look };
}
