// The features that are loaded when somebody asks for them: what each is called, whether it asks
// the server, whether it has a style sheet. A feature is `tools/<name>/<name>.js`; it exports
// open(instrument, root), which returns { show(bundle), leave() }.

import { learnWords, t } from "./i18n.js";

// One line each, in the order in which they are offered. Those without a panel of their own (the
// search box and the caption of a place) are asked for elsewhere.
export const FEATURES = {
  place: { server: false, style: true, panel: false },
  ledger: { title: () => t("Ledger"), style: true, resident: true },
  history: { title: () => t("History"), server: true, style: true },
  ranges: { title: () => t("Ranges"), server: true, style: true },
  readings: { title: () => t("Readings"), server: true, style: true },
  compare: { title: () => t("Compare"), server: false, style: true },
  whatif: { title: () => t("What if"), server: false, style: true },
  take: { title: () => t("Take away"), server: false, style: true },
  trust: { title: () => t("Sources, method and limits"), style: true, resident: true },
  print: { server: false, style: true, panel: false },
};

// Filled where one file carries everything: name to a function that returns what a module exports.
export const carried = {};

const attempts = new Map();

function styleSheet(address) {
  if (document.querySelector(`link[href="${address}"]`)) return null;
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error(address));
    });
    document.head.append(link);
  });
}

// Browsers remember that a module could not be loaded; another fragment makes it another module.
function addressOf(name) {
  const attempt = attempts.get(name) ?? 0;
  attempts.set(name, attempt + 1);
  return new URL(`static/tools/${name}/${name}.js${attempt ? `#${attempt}` : ""}`, document.baseURI).href;
}

const loaded = new Map();

// The module of a feature, loaded once; relative to the page, so that a path in front is kept.
export async function loadFeature(name) {
  if (carried[name]) return carried[name]();
  if (!loaded.has(name)) {
    const style = FEATURES[name].style && styleSheet(`static/tools/${name}/${name}.css`);
    await learnWords();
    const [module] = await Promise.all([import(addressOf(name)), style]);
    loaded.set(name, module);
  }
  return loaded.get(name);
}

// What this page offers to open: a file without a server leaves out what needs one, and what is
// resident has a place on the page and is always open.
export function offered(mode) {
  const fits = ({ server, panel, resident }) =>
    panel !== false && !resident && (mode === "served" || !server);
  return Object.keys(FEATURES).filter((name) => fits(FEATURES[name]));
}
