// Printing by the browser's own command gives the sheet as well: loaded when the page is complete.

import { prepare } from "../take/printing.js";

export function open(instrument) {
  prepare(instrument);
  return {};
}
