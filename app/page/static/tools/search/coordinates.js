// Positions as people type and paste them: the rules of geo/places/coordinates.py once more, for a file that
// has no server. A test compares the two.

const LONGEST_POSITION = 1000;
const LONGEST_PAIR = 120;
const AXIS = { N: "lat", S: "lat", E: "lon", W: "lon" };

const PRINTED = [
  [/[′’‘ʹʼ´`]/g, "'"],
  [/[″”“„]/g, '"'],
  [/[º˚]/g, "°"],
  [/[−–—]/g, "-"],
  [/[\u00a0\u2009\u202f\t\n\r]/g, " "],
  [/，/g, ","],
];
const AROUND = " ()[]{}<>\".;,";
const WORD = "[\\p{L}\\p{N}_]";
const WORDS = [
  ["північної\\s+широти|північна\\s+широта|пн\\.?\\s*ш\\.?|пн\\.?|північ", " N "],
  ["северной\\s+широты|северная\\s+широта|сев\\.?\\s*ш\\.?|с\\.?\\s*ш\\.?|север", " N "],
  ["південної\\s+широти|пд\\.?\\s*ш\\.?|пд\\.?|южной\\s+широты|ю\\.?\\s*ш\\.?|юг", " S "],
  ["східної\\s+довготи|східна\\s+довгота|сх\\.?\\s*д\\.?|сх\\.?|схід", " E "],
  ["восточной\\s+долготы|восточная\\s+долгота|вост\\.?\\s*д\\.?|в\\.?\\s*д\\.?|восток", " E "],
  ["західної\\s+довготи|зх\\.?\\s*д\\.?|зх\\.?|западной\\s+долготы|з\\.?\\s*д\\.?|запад", " W "],
  ["latitude|lat\\.?|широта|шир\\.?|north", " N "],
  ["longitude|long\\.?|lon\\.?|lng\\.?|довгота|долгота|довг\\.?|долг\\.?|east", " E "],
  ["south", " S "],
  ["west", " W "],
  [`degrees?|deg\\.?|градус${WORD}*|град\\.?`, " ° "],
  [`minutes?|min\\.?|мінут${WORD}*|минут${WORD}*|хв\\.?|мин\\.?`, " ' "],
  [`seconds?|sec\\.?|секунд${WORD}*|сек\\.?`, ' " '],
  ["координат[иы]|coordinates?|coords?|gps|wgs[\\s-]*84", "  "],
].map(([words, side]) => [new RegExp(`(?<!${WORD})(?:${words})(?!${WORD})`, "giu"), side]);
const CYRILLIC_SIDES = Object.entries({ с: "N", ю: "S", в: "E", з: "W" }).map(([letter, side]) => [
  new RegExp(`(?<!\\p{L})${letter}(?!\\p{L})\\.?`, "giu"),
  ` ${side} `,
]);
const LABELLED = new RegExp(`((?<!${WORD})[NE]|^)\\s*[:=]`, "gu");
const TOKEN =
  /\s*(?:(?<number>[+-]?\d{1,3}(?:[.,]\d+)?(?!\d))|(?<mark>°|''|"|')|(?<!\p{L})(?<side>[NSEWnsew])(?!\p{L})|(?<parted>[,;/|]))\s*/uy;
const MARKS = { "°": 0, "'": 1, '"': 2, "''": 2 };

const LINK = /^(?:https?:\/\/|geo:|[\p{L}\p{N}_.-]+\.[a-z]{2,}\/)\S*$/iu;
const WELL_KNOWN_TEXT =
  /^(?:SRID=4326;)?\s*POINT\s*Z?\s*\(\s*(-?\d{1,3}(?:\.\d+)?)\s+(-?\d{1,3}(?:\.\d+)?)(?:\s+-?\d+(?:\.\d+)?)?\s*\)$/i;
const DEGREES = "(-?\\d{1,3}(?:\\.\\d+)?)";
const PARTED = "\\s*[,~;]\\s*";
const IN_LINK = [
  `!3d${DEGREES}!4d${DEGREES}`,
  `[?&#]m?lat(?:itude)?=${DEGREES}&m?(?:lon|lng|long|longitude)=${DEGREES}`,
  `[?&#](?:q|query|coordinate|daddr|destination|place)=(?:loc:)?${DEGREES}${PARTED}${DEGREES}`,
  `/(?:search|place|dir)/(?:[^/@]*/)?\\+?${DEGREES}${PARTED}\\+?${DEGREES}`,
  `[?&#](?:ll|sll|cp|center|view)=${DEGREES}${PARTED}${DEGREES}`,
  `@${DEGREES},${DEGREES}`,
  `#(?:map=)?\\d{1,2}(?:\\.\\d+)?/${DEGREES}/${DEGREES}`,
  `^geo:${DEGREES},${DEGREES}`,
].map((pattern) => new RegExp(pattern, "i"));
const YANDEX_HOST = /^(?:https?:\/\/)?[^/]*\byandex\./i;
const YANDEX = new RegExp(`[?&](?:pt|ll)=${DEGREES},${DEGREES}`, "i");
const IN_DEGREES = /\/(?:place|search)\/([^/@]*°[^/@]*)/i;

function withinBounds(lon, lat) {
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

function stripped(text) {
  let [start, end] = [0, text.length];
  while (start < end && AROUND.includes(text[start])) start += 1;
  while (end > start && AROUND.includes(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function spellOut(text) {
  const plain = stripped(PRINTED.reduce((all, [from, to]) => all.replace(from, to), text));
  if (plain.length > LONGEST_PAIR || !/\p{Nd}/u.test(plain)) return "";
  const sides = [...WORDS, ...CYRILLIC_SIDES];
  return sides.reduce((all, [from, to]) => all.replace(from, to), plain).replace(LABELLED, " $1 ");
}

// Pairs of kind and token; none if anything else stands in the text.
function tokenise(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (!found) return [];
    tokens.push(Object.entries(found.groups).find(([, token]) => token !== undefined));
  }
  return tokens;
}

function withoutComma(tokens) {
  const start = tokens[0]?.[0] === "parted" ? 1 : 0;
  const end = tokens.length > 1 && tokens.at(-1)[0] === "parted" ? -1 : tokens.length;
  return tokens.slice(start, end);
}

function middleOf(tokens, numbers) {
  const at = (wanted) => tokens.flatMap(([kind, token], i) => (wanted(kind, token) ? [i] : []));
  const sides = at((kind) => kind === "side");
  const degrees = at((kind, token) => token === "°");
  const parted = at((kind) => kind === "parted");
  if (sides.length === 2) return sides[0] < numbers[0] ? sides[1] : sides[0] + 1;
  if (degrees.length === 2) {
    const second = numbers.filter((i) => i < degrees[1]).at(-1);
    const isLed = tokens[second - 1]?.[0] === "side" && sides.length === 1 && sides[0] > numbers[0];
    return isLed ? second - 1 : second;
  }
  if (parted.length === 1) return parted[0];
  return numbers.length % 2 === 0 ? numbers[numbers.length / 2] : 0;
}

// The two coordinates: by letters, by degree signs, by a comma, in halves.
function split(tokens) {
  const numbers = tokens.flatMap(([kind], i) => (kind === "number" ? [i] : []));
  if (numbers.length < 2) return [];
  const middle = middleOf(tokens, numbers);
  return [tokens.slice(0, middle), tokens.slice(middle)].map(withoutComma);
}

// One to three numbers; marks stand after their own, only the last has decimals.
function partsOf(tokens) {
  const parts = [];
  for (const [kind, token] of tokens) {
    if (kind === "number") parts.push(token);
    else if (kind !== "mark" || !parts.length || MARKS[token] !== parts.length - 1) return null;
  }
  const isWhole = (part) => /^\d+$/.test(part);
  if (!parts.length || parts.length > 3 || !parts.slice(1, -1).every(isWhole)) return null;
  if (parts.slice(1).some((part) => /^[+-]/.test(part))) return null;
  return parts.length === 1 || isWhole(parts[0].replace(/^[+-]+/, "")) ? parts : null;
}

function readOne(given) {
  const tokens = [...given];
  let side = "";
  if (tokens[0]?.[0] === "side") side = tokens.shift()[1].toUpperCase();
  else if (tokens.at(-1)?.[0] === "side") side = tokens.pop()[1].toUpperCase();
  const parts = partsOf(tokens);
  if (!parts) return null;
  const values = parts.map((part) => Number(part.replace(/^[+-]+/, "").replace(",", ".")));
  if (values.slice(1).some((value) => value >= 60)) return null;
  const degrees = values.reduce((sum, value, place) => sum + value / 60 ** place, 0);
  const isNegative = parts[0].startsWith("-") !== ["S", "W"].includes(side);
  return { degrees: isNegative ? -degrees : degrees, axis: AXIS[side] ?? "" };
}

function readPair(text) {
  const pair = split(tokenise(spellOut(text))).map(readOne);
  if (pair.length !== 2 || !pair[0] || !pair[1]) return null;
  const [first, second] = pair;
  const isTurned = first.axis === "lon" ? second.axis !== "lon" : !first.axis && second.axis === "lat";
  if (isTurned) return withinBounds(first.degrees, second.degrees);
  const isPlain = first.axis !== "lon" && second.axis !== "lat";
  return isPlain ? withinBounds(second.degrees, first.degrees) : null;
}

function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

// The position that a link of a map carries; Yandex alone writes longitude first.
function readLink(text) {
  const link = decoded(text);
  if (YANDEX_HOST.test(link)) {
    const found = YANDEX.exec(link);
    return found ? withinBounds(Number(found[1]), Number(found[2])) : null;
  }
  const written = IN_DEGREES.exec(link);
  const pair = written && readPair(written[1]);
  if (pair) return pair;
  for (const pattern of IN_LINK) {
    const found = pattern.exec(link);
    if (found) return withinBounds(Number(found[2]), Number(found[1]));
  }
  return null;
}

// { lat, lon }, latitude first unless letters or a link say otherwise; null when it is none.
export function parsePosition(given) {
  if (given.length > LONGEST_POSITION) return null;
  const text = given.trim();
  if (LINK.test(text)) return readLink(text);
  const wellKnown = WELL_KNOWN_TEXT.exec(text);
  if (wellKnown) return withinBounds(Number(wellKnown[1]), Number(wellKnown[2]));
  return readPair(text);
}
