// What the text leaves open: each question with its answers and the sentence that leaves it open,
// and the way back to the text's defaults.

import { el, translationOf } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { day, nameOf, shortName } from "../../core/format.js";

const DAY = "line_date";

function isList(option) {
  return option.includes("-");
}

function usualMark(isUsual) {
  return isUsual ? el("span", { class: "usual" }, t("default")) : null;
}

// A question's answer: what it is called, what it means.
function answer({ type = "radio", name, value, label, meaning, checked, usual, onChoose }) {
  const box = el("input", { type, name, value });
  box.checked = checked;
  box.addEventListener("change", () => onChoose(box));
  const words = el("span", { class: "answer" }, label, usualMark(usual));
  const more = meaning ? el("span", { class: "meaning" }, meaning) : null;
  return el("label", { class: type === "checkbox" ? "part" : null }, box, words, more);
}

function leftOpen({ silent, left_open_by: sentence, left_open_by_translation: ours }) {
  if (silent) return [el("p", { class: "left-open" }, t("The text does not speak of it."))];
  const quote = el("q", { lang: "en" }, sentence);
  return [
    el("p", { class: "left-open" }, t("Left open by:"), " ", quote),
    ours ? translationOf(ours) : null,
  ];
}

export function open(instrument, root) {
  const choose = (id, option) => {
    const readings = { ...instrument.state().readings, [id]: option };
    return instrument.go({ readings });
  };

  // Oblasts that a list may name: those in which Russia holds land that the clause speaks of.
  function oblastsOf(bundle, clause) {
    return bundle.faces.features
      .map(({ properties }) => properties)
      .filter((face) => face.held_by === "russia" && face.clauses.includes(clause));
  }

  function listAnswers(bundle, reading, chosen) {
    const { id, oblast_list: list } = reading;
    if (!list) return [];
    const oblasts = oblastsOf(bundle, list.clause);
    const listed = isList(chosen) ? chosen.split(",") : [];
    const first = oblasts[0]?.oblast;
    const parts = oblasts.map((face) =>
      answer({
        type: "checkbox",
        name: `${id}-oblast`,
        value: face.oblast,
        label: shortName(nameOf(face)),
        checked: listed.includes(face.oblast),
        onChoose: (box) => {
          const others = listed.filter((code) => code !== face.oblast);
          const codes = box.checked ? [...others, face.oblast] : others;
          choose(id, codes.length ? codes.sort().join() : "none");
        },
      }),
    );
    const { label, meaning } = list;
    const checked = isList(chosen);
    const start = () => choose(id, checked ? chosen : first);
    return [
      answer({ name: id, value: "list", label, meaning, checked, onChoose: start }),
      checked ? el("div", { class: "parts" }, ...parts) : null,
    ];
  }

  function question(bundle, reading) {
    const { id, default: usual, option: options } = reading;
    const chosen = instrument.state().readings[id] ?? usual;
    const answers = options.map(({ id: value, label, meaning }) =>
      answer({
        ...{ name: id, value, label, meaning },
        checked: value === chosen,
        usual: value === usual,
        onChoose: () => choose(id, value),
      }),
    );
    return el(
      "fieldset",
      { class: chosen === usual ? null : "otherwise" },
      el("legend", {}, reading.question),
      ...leftOpen(reading),
      ...answers,
      ...listAnswers(bundle, reading, chosen),
    );
  }

  // The day is a state of its own: the same question is answered by the timeline.
  function dayQuestion(bundle, reading) {
    const { plan, date } = instrument.state();
    const own = instrument.offer.plans.find(({ id }) => id === plan)?.day;
    const days = { plan_date: own, latest: instrument.offer.dates.at(-1) };
    const answers = reading.option
      .filter(({ id }) => instrument.offer.dates.includes(days[id]))
      .map(({ id, label, meaning }) =>
        answer({
          ...{ name: DAY, value: id, meaning },
          label: `${label}: ${day(days[id])}`,
          checked: date === days[id],
          usual: id === reading.default,
          onChoose: () => instrument.go({ date: days[id] }),
        }),
      );
    const legend = el("legend", {}, reading.question);
    return el("fieldset", {}, legend, ...leftOpen(reading), ...answers);
  }

  function head(open) {
    const others = Object.keys(instrument.state().readings).length;
    const back = el("button", { type: "button", name: "defaults" }, t("Back to the text's defaults"));
    back.disabled = others === 0;
    back.addEventListener("click", () => instrument.go({ readings: {} }));
    const words = open.length
      ? t("What the text does not settle, we had to read. Choose otherwise and everything follows.")
      : t("This case leaves nothing open: it is not a text.");
    return [el("p", { class: "lead" }, words), open.length ? el("p", {}, back) : null];
  }

  // The keyboard stays where it was, although everything is written anew.
  function keepFocus(fill) {
    const { name, value } = root.contains(document.activeElement) ? document.activeElement : {};
    fill();
    if (!name) return;
    const same = [...root.querySelectorAll("input, button")].filter((node) => node.name === name);
    (same.find((node) => node.value === value) ?? same[0])?.focus({ preventScroll: true });
  }

  function show(bundle) {
    const all = bundle.plan.readings ?? [];
    const ask = (reading) => (reading.id === DAY ? dayQuestion : question)(bundle, reading);
    keepFocus(() => root.replaceChildren(...head(all).filter(Boolean), ...all.map(ask)));
  }

  return { show, leave() {} };
}
