// The legend: figures of each category, and switches of the layers.

import { km2, percent, whole } from "./words.js";

const OFF = "off";
// No link makes a page ask another host for anything.
const TILES = "tiles";

export function openLegend({ onToggle, fragment }) {
  const boxes = [...document.querySelectorAll("[data-layer]")];
  const linked = boxes.filter((box) => box.dataset.layer !== TILES);

  // Which layers are off goes into the link.
  function keep() {
    const off = linked.filter((box) => !box.checked).map((box) => box.dataset.layer);
    fragment?.set(OFF, off.join());
  }

  for (const box of boxes) {
    box.addEventListener("change", () => {
      onToggle(box.dataset.layer, box.checked);
      keep();
    });
  }

  function show(bundle) {
    for (const row of document.querySelectorAll("#legend [data-category]")) {
      // A category that only a reading makes is absent from the other plans.
      const figures = bundle.categories.find(
        ({ category }) => category === row.dataset.category,
      ) ?? { label: row.textContent.trim(), area_km2: 0, share: 0 };
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
    if (off) for (const box of linked) box.checked = !off.includes(box.dataset.layer);
    for (const box of boxes) onToggle(box.dataset.layer, box.checked);
  }

  return { apply, show };
}
