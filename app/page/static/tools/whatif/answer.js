// Asks the server what a line would mean: not before the hand rests, and one answer at a time.
// What has been overtaken is aborted and never told.

import { pause, secondsToWait } from "../../core/api.js";

const REST_MS = 160;
const MOST_TRIES = 6;

// `send(body, signal)` asks; `tell(phase, facts)` is told "waiting", "asking", "answered", "refused",
// "busy" (seconds) or "failed"; waiting is over at once when cancelled.
export function openAnswers({ send, tell }) {
  let running = null;

  function cancel() {
    running?.abort();
    running = null;
  }

  // A server that has too much to do says when to come again.
  async function sendUntilFree(body, signal, tries = 1) {
    try {
      return await send(body, signal);
    } catch (error) {
      const seconds = secondsToWait(error);
      if (!seconds || tries >= MOST_TRIES) throw error;
      tell("busy", { seconds });
      await pause(seconds, signal);
      tell("asking", {});
      return sendUntilFree(body, signal, tries + 1);
    }
  }

  // `bodyOf` writes the question when it is asked, not before.
  async function ask(bodyOf) {
    cancel();
    const mine = new AbortController();
    running = mine;
    tell("waiting", {});
    try {
      await pause(REST_MS / 1000, mine.signal);
      tell("asking", {});
      const answer = await sendUntilFree(bodyOf(), mine.signal);
      if (running === mine) tell("answered", { answer });
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      const isRefused = error.status >= 400 && error.status < 500 && error.status !== 429;
      tell(isRefused ? "refused" : "failed", { error });
    }
  }

  return { ask, cancel };
}
