// How names are spelt: the rules of geo/places/transliteration.py and geo/places/name_index.py once more, for a file that
// has no server. A test holds the two against each other.

const APOSTROPHES = /['’ʼ`´ʹ‘′]/g;
const HYPHENS = /[-‐‑–—]/g;
const CYRILLIC = /[\u0400-\u04ff]/;
const MARKS = /\p{M}/gu;

const CYRILLIC_LETTERS = "а б в г ґ д ж з и і й ї ы к л м н о п р с т у ў ф х ц ч ш щ е є э ё ю я ь ъ";
const CYRILLIC_SOUNDS = "a b v h h d z z i i i i i k l m n o p r s t u v f h c c s sc e e e e iu ia - -";
const LATIN_LETTERS = "ł ı ø đ ß æ w q g x kh zh zgh sh sz shch szcz ch cz tch tsch ts tz y j";
const LATIN_SOUNDS = "l i o d s e v k h h h z zh s s sc sc c c c c c c i i";
const CARONS = { č: "ch", š: "sh", ž: "zh", ż: "zh", ś: "s" };

function tableOf(letters, sounds) {
  const written = sounds.split(" ");
  const pairs = letters.split(" ").map((letter, at) => [letter, written[at].replace("-", "")]);
  return Object.fromEntries(pairs);
}

const SOUNDS = {
  ...tableOf(CYRILLIC_LETTERS, CYRILLIC_SOUNDS),
  ...tableOf(LATIN_LETTERS, LATIN_SOUNDS),
};
const LONGEST_FIRST = Object.keys(SOUNDS).sort((a, b) => b.length - a.length);
const SOUND = new RegExp(LONGEST_FIRST.join("|"), "gu");

export function normaliseName(name) {
  const folded = name.normalize("NFC").toLowerCase().replace(APOSTROPHES, "").replace(HYPHENS, " ");
  const bare = CYRILLIC.test(folded) ? folded : folded.normalize("NFD").replace(MARKS, "");
  return bare.split(/\s+/).filter(Boolean).join(" ");
}

export function reduceName(name) {
  const composed = name.normalize("NFKC").toLowerCase().normalize("NFC").replace(APOSTROPHES, "");
  const bare = [...composed]
    .map((letter) => CARONS[letter] ?? letter)
    .map((letter) => (CYRILLIC.test(letter) ? letter : letter.normalize("NFD").replace(MARKS, "")))
    .join("");
  return bare
    .replace(SOUND, (found) => SOUNDS[found])
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((word) => word.replace(/(.)\1+/gu, "$1").replaceAll("ie", "e"))
    .join(" ");
}

// Distance to the whole name, and to the nearest of its beginnings that are as long as what was
// typed, give or take a letter; neighbours exchanged are one edit.
export function editDistances(typed, name) {
  let before = [];
  let last = Array.from({ length: name.length + 1 }, (_, at) => at);
  for (let i = 0; i < typed.length; i += 1) {
    const row = [i + 1];
    for (let j = 0; j < name.length; j += 1) {
      const same = typed[i] === name[j];
      let cost = same ? last[j] : 1 + Math.min(last[j], last[j + 1], row[j]);
      const exchanged = i && j && typed[i] === name[j - 1] && typed[i - 1] === name[j];
      if (exchanged) cost = Math.min(cost, before[j - 1] + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  const near = last.slice(Math.max(typed.length - 1, 0), typed.length + 2);
  return [last.at(-1), Math.min(...(near.length ? near : last.slice(-1)))];
}

// How well a name answers what was typed: higher is better, 0 is not at all.
function scoreOf(typed, sound, name) {
  const folded = normaliseName(name);
  if (!folded || !typed) return 0;
  if (folded === typed) return 80;
  if (` ${folded}`.includes(` ${typed}`)) return 60;
  if (sound.length < 2) return 0;
  const reduced = reduceName(name);
  if (reduced.startsWith(sound)) return reduced === sound ? 40 : 32;
  const most = sound.length < 6 ? 1 : sound.length < 9 ? 2 : 3;
  const [whole, part] = editDistances(sound, reduced);
  if (sound.length < 3 || Math.min(whole, part) > most) return 0;
  return 20 - Math.min(5 * whole, 5 * part + 2);
}

// Of named things those that answer, the best first, the more populous among equals.
export function searchNames(things, text, limit) {
  const typed = normaliseName(text);
  const sound = reduceName(text);
  return things
    .map((thing) => {
      const scores = [thing.name_en, thing.name_uk].map((name) => scoreOf(typed, sound, name ?? ""));
      return { thing, score: Math.max(...scores) };
    })
    .filter(({ score }) => score > 0)
    .map(({ thing, score }) => ({
      thing,
      score: score + Math.log10(Math.max(thing.population ?? 0, 100)),
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ thing }) => thing);
}
