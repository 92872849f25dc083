// Where bundles and the background come from: the server, or this very file.

import { isSame, queryOf } from "./url.js";
import { lang, t } from "./i18n.js";
import { readPicture } from "../map/first_picture.js";

const MOST_TRIES = 4;
const LONGEST_S = 30;

// A request that did not lead to an answer, with a sentence for people. `problem` is what the
// server said of it (RFC 9457), `status` how it answered, `retryAfter` when to come again, seconds.
export class SourceError extends Error {
  constructor(message, { problem = null, status = 0, retryAfter = null } = {}) {
    super(message);
    this.problem = problem;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

// What the server says of a problem: in English the whole of it, else what kind it is.
function wordsOf(problem) {
  if (lang === "en" || !problem?.title) return problem?.detail;
  return `${problem.title}.`;
}

function requestOf({ signal, body, method }) {
  const request = { signal, credentials: "same-origin", method: method ?? (body ? "POST" : "GET") };
  if (body === undefined) return request;
  if (typeof body === "string" || body instanceof Blob || body instanceof FormData) {
    return { ...request, body };
  }
  const headers = { "content-type": "application/json" };
  return { ...request, headers, body: JSON.stringify(body) };
}

// Waits, unless `signal` says that nobody does any more.
export function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("overtaken", "AbortError"));
    });
  });
}

// When to come again, as the server says; null if coming again will not help.
export function secondsToWait({ status, retryAfter }) {
  if (![429, 503].includes(status)) return null;
  return Math.min(Math.max(Number(retryAfter) || 2, 1), LONGEST_S);
}

// Asks this server; rejects with a SourceError, or an AbortError when `signal` says so. While too
// much is being computed at once it asks again; what is sent along is sent once.
export async function getJson(address, options = {}, tries = 1) {
  try {
    return await askOnce(address, options);
  } catch (error) {
    const seconds = secondsToWait(error);
    if (!seconds || options.body !== undefined || tries >= MOST_TRIES) throw error;
    await pause(seconds, options.signal);
    return getJson(address, options, tries + 1);
  }
}

async function askOnce(address, options) {
  let answer;
  try {
    answer = await fetch(address, requestOf(options));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new SourceError(t("The server could not be reached."));
  }
  const document = await answer.json().catch((error) => {
    if (error.name === "AbortError") throw error;
    return null;
  });
  if (answer.ok && document) return document;
  const { status } = answer;
  const message = wordsOf(document) ?? t("The server answered {status}.", { status });
  const retryAfter = answer.headers.get("retry-after");
  throw new SourceError(message, { problem: document, status, retryAfter });
}

// Embedded bundles leave out the geometry that the picture of the first view has; it is put back.
function restoreGeometry(bundles, picture) {
  const key = ({ properties }) => `${properties.oblast} ${properties.held_by}`;
  for (const { faces, contact_line: line } of bundles) {
    for (const face of faces.features) face.geometry ??= picture.faces.get(key(face));
    line.geometry ??= picture.line;
  }
}

async function notCarried() {
  throw new SourceError(t("This file does not carry that plan and day."));
}

export function openSource({ bundles, mode }, home) {
  const isServed = mode === "served";
  const picture = readPicture();
  restoreGeometry(bundles, picture);

  // A file without a server carries one bundle for each plan and day, whatever else is asked for.
  const carriedFor = (state) => ({ identity: is }) =>
    isServed
      ? isSame({ ...is, lang: state.lang }, state, home)
      : is.plan === state.plan && is.date === state.date;

  // What the page carries is there at once; anything else is a promise.
  function bundle(state, signal) {
    const carried = bundles.find(carriedFor(state));
    if (carried) return carried;
    return isServed ? getJson(`api/map?${queryOf(state, home)}`, { signal }) : notCarried();
  }

  return {
    bundle,
    background: () => picture.ground,
  };
}
