// Says in which state the line and its figures are.

import { number, t } from "../../core/i18n.js";

export const PHASES = {
  loading: () => t("Loading the line …"),
  known: () => t("This is the known line. Drag it, or choose a point."),
  moving: ({ area }) => t("About {area} between the lines (estimate).", { area }),
  waiting: () => t("Recalculating …"),
  asking: () => t("Recalculating …"),
  busy: ({ seconds }) =>
    t("The server is busy; asking again in {seconds} s …", { seconds: number(seconds) }),
  answered: () => t("The figures are those of your line."),
  refused: () => t("There are no figures for this line:"),
  failed: () => t("There are no figures yet:"),
  estimated: ({ area }) => t("About {area} between the lines (estimate; no server here).", { area }),
};
