// What the text leaves open: each question with its answers, and the way back to the defaults.

import { el } from "../dom.js";
import { t } from "../language.js";

export function open(instrument, root) {
  function choose(id, option) {
    return instrument.go({ readings: { ...instrument.state().readings, [id]: option } });
  }

  function answer({ id, default: usual }, option, chosen) {
    const box = el("input", { type: "radio", name: id, value: option.id });
    box.checked = option.id === chosen;
    box.addEventListener("change", () => choose(id, option.id));
    const mark = option.id === usual ? ` (${t("default")})` : "";
    return el(
      "label",
      {},
      box,
      el("span", {}, option.label + mark),
      el("span", { class: "meaning" }, option.meaning),
    );
  }

  function question(reading) {
    const chosen = instrument.state().readings[reading.id] ?? reading.default;
    const open = reading.silent
      ? el("p", { class: "open-words" }, t("The text does not speak of it."))
      : el("p", { class: "open-words" }, el("q", {}, reading.left_open_by));
    return el(
      "fieldset",
      {},
      el("legend", {}, reading.question),
      open,
      ...reading.option.map((option) => answer(reading, option, chosen)),
    );
  }

  function show(bundle) {
    const questions = (bundle.plan.readings ?? []).filter(({ id }) => id !== "line_date");
    root.replaceChildren(...questions.map(question));
  }

  return { show, leave() {} };
}
