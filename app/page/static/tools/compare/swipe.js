// One map, two settlements: A up to the divider, B beyond it.

import { el, svg } from "../../core/dom.js";
import { t } from "../../core/i18n.js";
import { percent } from "../../core/format.js";
import { addLevel, openSettlement, rootOf } from "./draw.js";

const FAR = 1e5;
const STEPS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10 };
const SIDES = { a: ["faces", "front"], b: ["compare-faces", "compare-front"] };

// Two halves of the plane that meet at the divider, for the levels of A and of B.
function openClips(map) {
  const boxes = ["a", "b"].map((side) => [
    side,
    svg("rect", { y: -FAR, width: FAR, height: 2 * FAR }),
  ]);
  const defs = svg(
    "defs",
    {},
    ...boxes.map(([side, box]) => svg("clipPath", { id: `compare-${side}` }, box)),
  );
  const root = rootOf(map);
  root.prepend(defs);
  const levels = Object.entries(SIDES).flatMap(([side, names]) =>
    names.map((name) => [side, root.querySelector(`:scope > .level--${name}`)]),
  );
  for (const [side, level] of levels) level.setAttribute("clip-path", `url(#compare-${side})`);

  return {
    cut(x) {
      boxes[0][1].setAttribute("x", x - FAR);
      boxes[1][1].setAttribute("x", x);
    },
    leave() {
      for (const [, level] of levels) level.removeAttribute("clip-path");
      defs.remove();
    },
  };
}

function openDivider(canvas, { at, onMove, onRest }) {
  const handle = el("span", { class: "compare-handle", "aria-hidden": "true" }, "⇔");
  const node = el(
    "div",
    {
      class: "compare-divider",
      role: "slider",
      tabindex: "0",
      "aria-label": t("Divider: A on its left, B on its right"),
      "aria-orientation": "horizontal",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    },
    handle,
  );
  let value = at;

  function set(next) {
    value = Math.max(0, Math.min(100, next));
    node.style.left = `${value}%`;
    node.setAttribute("aria-valuenow", String(Math.round(value)));
    const share = percent(value / 100);
    node.setAttribute("aria-valuetext", t("A covers {share} of the map’s width", { share }));
    onMove(value);
  }

  const follow = ({ clientX }) => {
    const { left, width } = canvas.getBoundingClientRect();
    set((100 * (clientX - left)) / width);
  };
  node.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    node.focus();
    node.setPointerCapture(event.pointerId);
    node.addEventListener("pointermove", follow);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    node.addEventListener(end, () => {
      node.removeEventListener("pointermove", follow);
      onRest(value);
    });
  }
  node.addEventListener("keydown", (event) => {
    const ends = { Home: 0, End: 100 };
    const next = ends[event.key] ?? value + STEPS[event.key];
    if (Number.isNaN(next)) return;
    event.preventDefault();
    set(next);
    onRest(value);
  });
  canvas.prepend(node);
  return { set, value: () => value, leave: () => node.remove() };
}

export function openSwipe({ map, stack }, canvas, { at, onRest }) {
  const groups = {
    faces: addLevel(map, "compare-faces", "faces"),
    front: addLevel(map, "compare-front", "front"),
  };
  const clips = openClips(map);
  const settlement = openSettlement(map, stack, groups);
  let share = at;

  function cut() {
    const x = (share / 100) * map.getSize().x;
    clips.cut(map.containerPointToLayerPoint([x, 0]).x);
  }

  function moved(next) {
    share = next;
    cut();
  }

  const divider = openDivider(canvas, { at, onMove: moved, onRest });
  divider.set(at);
  map.on("move zoomend viewreset resize", cut);
  canvas.classList.add("compare-swipe");

  return {
    maps: [{ map, stack }],
    show: settlement.show,
    follow: settlement.follow,
    set: divider.set,
    leave() {
      map.off("move zoomend viewreset resize", cut);
      canvas.classList.remove("compare-swipe");
      divider.leave();
      clips.leave();
      settlement.leave();
    },
  };
}
