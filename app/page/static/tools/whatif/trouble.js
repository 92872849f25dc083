// Says what is wrong with a line or a plan, where, and how to mend it.

import { number, t } from "../../core/i18n.js";

function placeWords({ lon, lat }) {
  return t("{lat}° N, {lon}° E", { lat: number(lat, 3), lon: number(lon, 3) });
}

function lineWords(fault) {
  const place = placeWords(fault);
  if (fault.kind === "does_not_separate") {
    const gap = number(fault.gap_km, fault.gap_km < 10 ? 1 : 0);
    return t(
      "The line does not separate the country: an end at {place} stops {gap} km short of the border, " +
        "the coast or another part of the line. Drag that end on, or undo.",
      { place, gap },
    );
  }
  return t(
    "The line contradicts itself at {place}: a place there would lie on both sides at once. " +
      "Delete the branch, or close it on both sides.",
    { place },
  );
}

function isPlace({ lon, lat }) {
  return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

// From an error of a request to sentences, with places on the map where there are some.
export function troublesOf(error) {
  const faults = error.problem?.errors ?? [];
  if (!faults.length) return [{ words: error.message, place: null }];
  return faults.map((fault) => {
    const place = isPlace(fault) ? { lon: fault.lon, lat: fault.lat } : null;
    if (fault.choices) {
      const words = t("The file holds things that mean different things. Choose what is meant.");
      return { words, place, choices: fault.choices };
    }
    if (fault.kind && place) return { words: lineWords(fault), place };
    const member = (fault.member ?? fault.parameter ?? "").replace(/^line$/, "");
    return { words: member ? `${member}: ${fault.message}` : fault.message, place };
  });
}
