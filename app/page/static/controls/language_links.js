// The links to the page in its other languages: they lead to the state that is shown.

import { byId } from "../core/dom.js";

export function openLanguages(addressOf) {
  for (const link of byId("languages")?.querySelectorAll("a") ?? []) {
    const keep = () => {
      link.href = addressOf(link.lang);
    };
    // Before anybody can follow or copy it.
    for (const kind of ["pointerdown", "focus", "click"]) link.addEventListener(kind, keep);
  }
}
