// The page's language. English texts stand in the source and are the keys; another language comes
// as a catalogue: with the page what the first map needs, the rest once a feature is opened.
// A key may end in "##" and a context, where one English text means two things.

export const lang = document.documentElement.lang || "en";
export const locale = lang === "en" ? "en-GB" : lang;

// What an address without other parameters ends in, to be answered in this language.
export const langQuery = lang === "en" ? "" : `?lang=${lang}`;

const CONTEXT = "##";
const PLACEHOLDER = /\{(\w+)\}/;
// Between thousands, and before decimals.
const [GROUP, POINT] = { uk: ["\u00a0", ","] }[lang] ?? [",", "."];
let pluralRules = null;

// Kept on the document: a feature's module may bring a second copy of this one with it.
const translations = (document.point21Words ??= new Map(readBlock()));

function readBlock() {
  const block = document.getElementById("point21-words");
  return block ? Object.entries(JSON.parse(block.textContent)) : [];
}

function fillIn(text, values) {
  return text.split(PLACEHOLDER).map((part, index) => (index % 2 ? values[part] : part));
}

function translated(text) {
  return translations.get(text) ?? text.split(CONTEXT)[0];
}

// A date may end in a full stop of its own: the sentence needs no second.
function joined(parts) {
  return parts.join("").replace(/([^.])\.\.(?!\.)/g, "$1.");
}

// A text with its {placeholders} filled in.
export function t(text, values = {}) {
  return joined(fillIn(translated(text), values));
}

// The same where values may be nodes: a list to append to an element.
export function phrase(text, values) {
  return fillIn(translated(text), values)
    .flat()
    .filter((part) => part !== "");
}

// Grouped as the language does it: 6,216 or 6 216, with a true minus. As Intl.NumberFormat writes
// it, which takes long to make and stands in the way of the first painting.
export function number(value, digits = 0) {
  const [whole, decimals] = Number(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, GROUP).replace("-", "−");
  return decimals ? `${grouped}${POINT}${decimals}` : grouped;
}

// plural(3, { one: "{n} region", other: "{n} regions" }): the form that the count asks for.
// A catalogue has one, few, many and other under the key of `other`.
export function plural(count, forms, values = {}) {
  const found = translations.get(forms.other) ?? forms;
  pluralRules ??= new Intl.PluralRules(locale);
  const form = found[pluralRules.select(count)] ?? found.other;
  return joined(fillIn(form.split(CONTEXT)[0], { n: number(count), ...values }));
}

// Names that data bring along in both languages, for figures that carry the English one alone.
export function learnNames(units) {
  if (lang !== "uk") return;
  for (const { name_en: english, name_uk: own } of units) if (own) translations.set(english, own);
}

export function learnedName(english) {
  return translations.get(english) ?? english;
}

// The words of the features: fetched once where the page does not carry them.
let learning = null;
export function learnWords() {
  if (lang === "en" || document.getElementById("point21-words")?.dataset.all) return null;
  learning ??= fetch(`i18n/${lang}.json`, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
    .then((words) => {
      for (const [text, translation] of Object.entries(words)) translations.set(text, translation);
    })
    .catch((error) => {
      learning = null;
      throw error;
    });
  return learning;
}
