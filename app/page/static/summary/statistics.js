// The headline: whose text it is, and what it would mean, in sentences.

import { byId } from "../core/dom.js";
import { headlineOf, titlesOf } from "./headline.js";
import { t } from "../core/i18n.js";
import { day } from "../core/format.js";

export function showHeadline(bundle) {
  const { kicker, heading } = titlesOf(bundle.plan);
  byId("kicker").textContent = kicker;
  byId("heading").textContent = heading;
  byId("headline").replaceChildren(...headlineOf(bundle));
  const when = day(bundle.identity.date);
  byId("notes-date").textContent = when;
  document.title = t("{plan}, {when} · Point 21 on the map", { plan: bundle.plan.title, when });
}
