// Dragging a point, by mouse, pen or finger: what the pointer does becomes begin, move, end.

import { el } from "../../../core/dom.js";

const FINE_PX = 4;
const COARSE_PX = 8;
const TWICE_MS = 400;

// Calls begin() when the pointer has gone far enough, move(x, y) at most once a frame with the place
// in the window, then end(), or cancel(); or else tap(isSecond). All for one pointer at a time.
export function openDrag() {
  // While something is dragged nothing else is under the pointer, and nothing has to be looked for.
  const shield = el("div", { class: "whatif-shield" });
  let running = null;
  let tapped = { what: null, at: 0 };

  // As the hand did it, however late a busy page hears of it.
  function tapOn(what, now, tap) {
    const second = what !== null && what === tapped.what && now - tapped.at < TWICE_MS;
    tapped = second ? { what: null, at: 0 } : { what, at: now };
    tap(second);
  }

  function start(event, what, { begin, move, end, cancel, tap }) {
    if (running || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    const { pointerId, clientX, clientY } = event;
    const slack = event.pointerType === "mouse" ? FINE_PX : COARSE_PX;
    let [x, y, frame, begun] = [clientX, clientY, 0, false];
    const step = () => {
      frame = 0;
      move(x, y);
    };
    const stop = (finish) => {
      cancelAnimationFrame(frame);
      ears.abort();
      shield.remove();
      running = null;
      finish();
    };
    const onMove = (moved) => {
      if (moved.pointerId !== pointerId) return;
      [x, y] = [moved.clientX, moved.clientY];
      if (!begun && Math.hypot(x - clientX, y - clientY) < slack) return;
      if (begun) frame ||= requestAnimationFrame(step);
      else {
        begun = true;
        document.body.append(shield);
        begin();
      }
    };
    const onUp = (up) => {
      if (up.pointerId !== pointerId) return;
      if (begun) move(up.clientX, up.clientY);
      stop(begun ? end : () => tapOn(what, up.timeStamp, tap));
    };
    const giveUp = () => stop(begun ? cancel : () => {});
    const onCancel = (cancelled) => cancelled.pointerId === pointerId && giveUp();
    const onKey = (key) => {
      if (key.key !== "Escape") return;
      key.stopPropagation();
      giveUp();
    };
    const ears = new AbortController();
    const { signal } = ears;
    addEventListener("pointermove", onMove, { signal });
    addEventListener("pointerup", onUp, { signal });
    addEventListener("pointercancel", onCancel, { signal });
    addEventListener("keydown", onKey, { signal, capture: true });
    running = giveUp;
  }

  return { start, isRunning: () => running !== null, cancel: () => running?.() };
}
