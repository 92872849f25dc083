// The words of the page and the forms of its numbers and dates.

const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );

const HOLDER = { ukraine: "Ukrainian-held", russia: "Russian-held" };

const SIDE = { ukraine: "Ukraine", russia: "Russia" };

const RECOGNISED_AS = {
  ukraine: "Ukrainian",
  russia_de_facto: "De facto Russian",
  russia_de_facto_along_line: "De facto Russian, along the line of contact",
  russia_international: "Internationally, territory of the Russian Federation",
  not_stated: "The text does not say",
};

const FORCES = { ukraine: "Ukrainian", russia: "Russian", none: "None: demilitarised" };

const CHANGE = {
  ukraine_withdraws: "Ukrainian forces withdraw",
  russia_withdraws: "Russian forces withdraw",
  recognition_only: "Recognition only; nobody withdraws",
  none: "None",
};

const FLAG = {
  recognised_without_withdrawal:
    "Recognised as Russian although Ukraine holds it and no withdrawal is ordered.",
  retained_by_implication: "The text does not say that it stays with Ukraine; it implies it.",
  recognition_not_stated: "The text does not say as whose it would be recognised.",
  extent_to_be_agreed: "The text leaves open which territories; all are shown.",
  not_named_in_text: "The text does not name this unit; it is counted with its neighbour.",
};

export function holder(key) {
  return HOLDER[key] ?? key;
}

export function side(key) {
  return SIDE[key] ?? key;
}

export function recognisedAs(key) {
  return RECOGNISED_AS[key] ?? key;
}

export function forces(key) {
  return FORCES[key] ?? key;
}

export function change(key) {
  return CHANGE[key] ?? key;
}

export function flag(key) {
  return FLAG[key] ?? key.replaceAll("_", " ");
}

// Whole numbers; something that is there but rounds to nothing says so.
export function whole(value) {
  if (value === null || value === undefined) return "not known";
  if (value !== 0 && Math.abs(value) < 0.5) return "< 1";
  return String(Math.round(value))
    .replace(/\B(?=(\d{3})+$)/g, ",")
    .replace("-", "−");
}

export function km2(value) {
  return `${whole(value)} km²`;
}

// A share from 0 to 1 as a percentage: two figures at least, never a false 0 or 100.
export function percent(share) {
  if (share === null || share === undefined) return "not known";
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  if (value > 99.9 && value < 99.9999) return "> 99.9 %";
  return `${value.toFixed(value < 99.9 ? 1 : 0)} %`;
}

export function day(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  return `${date} ${MONTHS[month - 1]} ${year}`;
}

// "a", "a and b", "a, b and c".
export function list(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

// "Donetsk Oblast" is "Donetsk" where the context says that it is an oblast.
export function shortName(name) {
  return name.replace(/ Oblast$/, "").replace(/ \(Autonomous Republic\)$/, "");
}
