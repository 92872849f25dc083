// Keeps the draft for as long as the page's tab is open: in the tab's own storage, never elsewhere.

const KEY = "point21:whatif";
const FORM = 1;

function storage() {
  try {
    return window.sessionStorage;
  } catch {
    return null; // the browser was told not to keep anything
  }
}

let later = 0;

// Writing waits until there is nothing else to do.
export function keepDraft(draft) {
  clearTimeout(later);
  later = setTimeout(() => {
    try {
      storage()?.setItem(KEY, JSON.stringify({ form: FORM, ...draft }));
    } catch {
      forgetDraft(); // no room: rather none than half of one
    }
  }, 400);
}

export function forgetDraft() {
  clearTimeout(later);
  storage()?.removeItem(KEY);
}

export function recallDraft() {
  try {
    const { form, ...draft } = JSON.parse(storage()?.getItem(KEY) ?? "null") ?? {};
    return form === FORM && Array.isArray(draft.lines) ? draft : null;
  } catch {
    return null;
  }
}
