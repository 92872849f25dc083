// The caption below the map: the plan's text, or what it means for one area.

import { byId, el, swatch, translationOf } from "../core/dom.js";
import { faceTitle } from "../map/faces.js";
import { titlesOf } from "./headline.js";
import { implied } from "./implied.js";
import { plural, t } from "../core/i18n.js";
import { change, day, forces, km2, percent, recognisedAs, side, whole } from "../core/format.js";

// A clause in the text's own words, with our reading of it where there is room.
// The quotation stays in its own language; a translation beside it is marked as ours.
function quotation(clause, { brief = false } = {}) {
  const { article, quote, quote_translation: translation, reading, reason } = clause;
  const ours = [reading, reason].filter((text) => text && !(brief && quote));
  return el(
    "div",
    { class: "clause" },
    el("p", { class: "article", lang: clause.lang }, article),
    quote ? el("blockquote", { lang: clause.quote_lang }, quote) : null,
    translation ? translationOf(translation) : null,
    ...ours.map((text) => el("p", { class: "reading", lang: clause.lang }, text)),
  );
}

function facts(rows) {
  return el(
    "dl",
    { class: "facts" },
    ...rows.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]),
  );
}

// The people of the whole area, which are not those of a place in it.
function peopleOf({ population_recorded: people, settlements }) {
  return plural(
    settlements,
    { one: "{people} in {n} place", other: "{people} in {n} places" },
    { people: whole(people) },
  );
}

export function openInspector({ onClose }) {
  const body = byId("inspector-body");
  const title = byId("inspector-title");
  const close = byId("inspector-close");
  let bundle = null;

  function fill(heading, isPlace, ...content) {
    title.replaceChildren(heading);
    body.replaceChildren(...content);
    if (isPlace) body.scrollTop = 0;
    close.hidden = !isPlace;
    byId("inspector").classList.toggle("inspector--place", isPlace);
  }

  function showText() {
    const mapped = bundle.plan.clauses.filter(
      ({ kind }) => kind !== "context" && kind !== "not_mapped",
    );
    const isPublished = bundle.plan.basis === "published";
    const clauses = mapped.map((clause) => quotation(clause, { brief: isPublished }));
    clauses.forEach((node) => {
      node.style.flexGrow = node.textContent.length;
    });
    const row = el("div", { class: "clauses clauses--row" }, ...clauses);
    fill(titlesOf(bundle.plan).caption, false, row);
  }

  // An area, and what is known of a place inside it: title, rows of facts, notes, further blocks.
  function showFace(face, { title: name, held = [], rows = [], notes: more = [], after = [] } = {}) {
    const known = new Map(bundle.plan.clauses.map((clause) => [clause.id, clause]));
    const clauses = face.clauses.map((id) => known.get(id)).filter(Boolean);
    const words = clauses.length
      ? clauses.map((clause) => quotation(clause))
      : [el("p", { class: "reading" }, t("No clause speaks of this area; it stays as it is."))];
    const mark = implied(face, clauses);
    const holding = { side: side(face.held_by), date: day(bundle.identity.date) };
    const size = { area: km2(face.area_km2), share: percent(face.share_of_oblast) };
    const meanings = new Map(bundle.flags.map(({ flag, meaning }) => [flag, meaning]));
    const notes = face.flags.map((key) => el("p", { class: "flag" }, meanings.get(key) ?? key));
    fill(
      name ?? faceTitle(face),
      true,
      el(
        "div",
        { class: "place-facts" },
        el(
          "p",
          { class: "category with-swatch" },
          swatch(face.category),
          el("strong", {}, face.label),
        ),
        facts([
          [t("Held by"), t("{side}, on {date}", holding)],
          ...held,
          [t("Change"), change(face.change)],
          [t("Recognised as"), recognisedAs(face.recognised_as) + mark.recognition],
          [t("Forces allowed"), forces(face.forces_allowed) + mark.forces],
          ...rows,
          [t("Area"), t("{area}, {share} of the oblast", size)],
          [t("People recorded in the area"), peopleOf(face)],
        ]),
      ),
      el("div", { class: "clauses" }, ...[...notes, ...more, ...words].filter(Boolean)),
      ...after.filter(Boolean),
    );
  }

  function showClause(clause) {
    fill(clause.place || clause.article, true, el("div", { class: "clauses" }, quotation(clause)));
  }

  function showWords(heading, text, ...more) {
    fill(heading, true, el("p", { class: "reading" }, text), ...more);
  }

  close.addEventListener("click", () => {
    onClose();
    byId("inspector").focus({ preventScroll: true });
  });
  // Escape leaves what is selected; the keyboard stays where it was, unless that is gone.
  document.addEventListener("keydown", ({ key, target }) => {
    if (key !== "Escape" || close.hidden || target.matches?.("select")) return;
    const wasInside = byId("inspector").contains(document.activeElement);
    onClose();
    if (wasInside) byId("inspector").focus({ preventScroll: true });
  });

  return {
    setBundle(next) {
      bundle = next;
      close.textContent = titlesOf(next.plan).back;
    },
    showClause,
    showFace,
    showText,
    showWords,
  };
}
