// The legend: figures of each category, and switches of the layers.

import { el, swatch } from "../core/dom.js";
import { km2, percent, whole } from "../core/format.js";

const OFF = "off";
// No link makes a page ask another host for anything.
const TILES = "tiles";

// A category that only a reading makes gets its row when it is there for the first time.
function rowOf({ category, label }) {
  const box = el("input", { type: "checkbox", "data-layer": category });
  box.checked = true;
  const words = el("label", {}, box, swatch(category), el("span", {}, label));
  const figure = (name) => el("td", { class: "number", "data-figure": name });
  const cells = [el("th", { scope: "row" }, words), figure("area_km2"), figure("share")];
  return el("tr", { "data-category": category }, ...cells);
}

export function openLegend({ onToggle, fragment }) {
  const body = document.querySelector("#legend tbody");
  const boxes = () => [...document.querySelectorAll("[data-layer]")];
  const linked = () => boxes().filter((box) => box.dataset.layer !== TILES);

  // Which layers are off goes into the link.
  function keep() {
    const off = linked().filter((box) => !box.checked);
    fragment?.set(OFF, off.map((box) => box.dataset.layer).join());
  }

  function listen(box) {
    box.addEventListener("change", () => {
      onToggle(box.dataset.layer, box.checked);
      keep();
    });
  }
  boxes().forEach(listen);

  function add(figures) {
    if (body.querySelector(`[data-category="${figures.category}"]`)) return;
    const row = rowOf(figures);
    body.append(row);
    listen(row.querySelector("input"));
  }

  function show(bundle) {
    bundle.categories.forEach(add);
    for (const row of body.rows) {
      const known = ({ category }) => category === row.dataset.category;
      const figures = bundle.categories.find(known);
      row.hidden = !figures;
      if (!figures) continue;
      row.querySelector("label > span").textContent = figures.label;
      const share = figures.share ?? figures.share_of_country;
      row.querySelector("[data-figure=area_km2]").textContent = whole(figures.area_km2);
      row.querySelector("[data-figure=share]").textContent = percent(share);
      row.classList.toggle("empty", figures.area_km2 === 0);
      row.title = `${figures.label}: ${km2(figures.area_km2)}`;
    }
  }

  // Browsers may restore the state of check boxes; the map follows them, and they the link.
  function apply() {
    const off = fragment?.get(OFF)?.split(",") ?? null;
    if (off) for (const box of linked()) box.checked = !off.includes(box.dataset.layer);
    for (const box of boxes()) onToggle(box.dataset.layer, box.checked);
  }

  return { apply, show };
}
