// Chooses the second settlement: ready-made pairs, and plan, day, source and readings one by one.

import { el } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { day } from "../../core/format.js";

const NOT_CHOSEN_HERE = "line_date";

// The last day of the list that is at least a month before; null if there is none.
function monthBefore(dates, iso) {
  const [year, month, date] = iso.split("-").map(Number);
  const [y, m] = month === 1 ? [year - 1, 12] : [year, month - 1];
  const two = (value) => String(value).padStart(2, "0");
  const limit = `${y}-${two(m)}-${two(date)}`;
  return dates.filter((known) => known <= limit).sort().at(-1) ?? null;
}

// The first answer to an open question of the text that A does not give.
function otherReading(bundle, chosen) {
  for (const { id, option, default: usual } of bundle.plan.readings ?? []) {
    if (id === NOT_CHOSEN_HERE) continue;
    const given = chosen[id] ?? usual;
    const other = option.find((one) => one.id !== given);
    if (other) return { ...chosen, [id]: other.id };
  }
  return null;
}

// Ready-made pairs: [{ id, title, state }]; what there is not is not offered.
export function presetsOf(instrument) {
  const { plans, dates } = instrument.offer;
  const a = instrument.state();
  const bundle = instrument.bundle();
  const texts = plans.filter(({ basis }) => basis === "published");
  const text = (texts.length > 1 ? texts : plans).find(({ id }) => id !== a.plan);
  const earlier = monthBefore(dates, a.date);
  const readings = instrument.config.mode === "served" ? otherReading(bundle, a.readings) : null;
  return [
    text && {
      id: "text",
      title: t("The other text"),
      state: { ...a, plan: text.id, readings: {} },
    },
    earlier && { id: "month", title: t("A month earlier"), state: { ...a, date: earlier } },
    readings && { id: "reading", title: t("Another reading"), state: { ...a, readings } },
  ].filter(Boolean);
}

function choice(name, label, options, value, onChoose) {
  const known = options.some(([id]) => id === value) ? options : [[value, value], ...options];
  const select = el(
    "select",
    { name },
    ...known.map(([id, text]) => el("option", { value: id }, text)),
  );
  select.value = value;
  select.disabled = known.length < 2;
  select.addEventListener("change", () => onChoose(select.value));
  return el("label", {}, el("span", {}, label), select);
}

// Opens the form; onChoose(state) is called with the whole second settlement.
export function openChooser(instrument, { onChoose, onSwap }) {
  const fields = el("div", { class: "compare-fields" });
  const readings = el("div", { class: "compare-readings" });
  const details = el(
    "details",
    { class: "compare-more" },
    el("summary", {}, t("Readings of B")),
    readings,
  );
  const presets = el("div", { class: "compare-presets", role: "group", "aria-label": t("Compare with") });
  const swap = el("button", { type: "button", class: "compare-swap" }, t("Swap A and B"));
  swap.addEventListener("click", onSwap);
  const node = el("div", { class: "compare-choose" }, presets, fields, details);
  let shown = null;

  function showPresets() {
    const buttons = presetsOf(instrument).map(({ id, title, state }) => {
      const button = el("button", { type: "button", "data-preset": id }, title);
      button.addEventListener("click", () => onChoose(state));
      return button;
    });
    presets.replaceChildren(...buttons, swap);
  }

  function showFields(b) {
    const { plans, dates, sources } = instrument.offer;
    const [home] = sources;
    const take = (change) => onChoose({ ...b, ...change });
    const names = plans.map(({ id, title }) => [id, title]);
    const days = dates.map((iso) => [iso, day(iso)]);
    const lines = sources.map(({ id, label, title }) => [id, label ?? title ?? id]);
    fields.replaceChildren(
      choice("b-plan", t("B: plan or baseline"), names, b.plan, (plan) =>
        take({ plan, readings: {} }),
      ),
      choice("b-date", t("B: line of contact on"), days, b.date, (date) => take({ date })),
      ...(sources.length > 1
        ? [
            choice("b-source", t("B: source of the line"), lines, b.source ?? home.id, (source) =>
              take({ source }),
            ),
          ]
        : []),
    );
  }

  // The questions that the text of B leaves open, once they are known.
  async function showReadings(b) {
    const isServed = instrument.config.mode === "served";
    const questions = isServed ? await instrument.offer.readings(b.plan).catch(() => []) : [];
    if (shown !== b) return;
    const asked = questions.filter(({ id }) => id !== NOT_CHOSEN_HERE);
    details.hidden = !asked.length;
    const rows = asked.map(({ id, question, option, default: usual }) =>
      choice(
        `b-${id}`,
        question,
        option.map((one) => [one.id, one.label]),
        b.readings?.[id] ?? usual,
        (value) => {
          const { [id]: _, ...others } = b.readings ?? {};
          onChoose({ ...b, readings: value === usual ? others : { ...others, [id]: value } });
        },
      ),
    );
    readings.replaceChildren(...rows);
  }

  // Fields are made anew; the keyboard stays in the one it was in.
  function show(b) {
    shown = b;
    const { name } = document.activeElement ?? {};
    const inside = node.contains(document.activeElement);
    const preset = document.activeElement?.dataset?.preset;
    showPresets();
    showFields(b);
    showReadings(b);
    if (!inside) return;
    const again = preset ? `[data-preset="${preset}"]` : `[name="${name}"]`;
    node.querySelector(again)?.focus({ preventScroll: true });
  }

  return { node, show };
}
