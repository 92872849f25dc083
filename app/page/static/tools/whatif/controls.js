// The panel of a what-if: its buttons, fields and words. It knows no map and no line.

import { el } from "../../core/dom.js";
import { number, t } from "../../core/i18n.js";

const STEPS_KM = [0.1, 0.5, 1, 5, 10];
const REACHES_KM = [0, 2, 5, 10, 25, 50];

function button(name, act, text, more = {}) {
  const node = el("button", { type: "button", "data-act": name, ...more }, text);
  node.addEventListener("click", () => act[name]());
  return node;
}

function field(label, input) {
  return el("label", { class: "whatif-field" }, el("span", {}, label), input);
}

function choice(values, chosen, wordsOf, name) {
  const options = values.map((value) =>
    el("option", { value, selected: value === chosen ? "" : null }, wordsOf(value)),
  );
  return el("select", { name }, ...options);
}

function group(title, ...children) {
  return el("fieldset", { class: "whatif-group" }, el("legend", {}, title), ...children);
}

function folded(title, ...children) {
  return el("details", { class: "whatif-folded" }, el("summary", {}, title), ...children);
}

function row(...children) {
  return el("div", { class: "whatif-row" }, ...children);
}

function kmWords(value) {
  return t("{km} km", { km: number(value, Number.isInteger(value) ? 0 : 1) });
}

function pointTools(act, parts) {
  const arrow = (name, sign, label) => button(name, act, sign, { "aria-label": label });
  parts.spot = el("p", { class: "small whatif-spot" });
  parts.reach = choice(
    REACHES_KM,
    10,
    (value) => (value ? kmWords(value) : t("none: this point alone")),
    "reach",
  );
  parts.step = choice(STEPS_KM, 1, kmWords, "step");
  parts.ofPoint = [
    arrow("west", "←", t("Move west")),
    arrow("north", "↑", t("Move north")),
    arrow("south", "↓", t("Move south")),
    arrow("east", "→", t("Move east")),
    button("insert", act, t("Insert after")),
    button("remove", act, t("Delete point")),
    button("removePart", act, t("Delete its part")),
  ];
  return group(
    t("Points of the line"),
    parts.spot,
    row(
      button("previous", act, t("Previous point")),
      button("next", act, t("Next point")),
      ...parts.ofPoint.slice(4),
    ),
    row(...parts.ofPoint.slice(0, 4), field(t("Step"), parts.step)),
    field(t("Pull along neighbours within"), parts.reach),
  );
}

function shiftTools(act, parts, isServed) {
  const limits = { min: "0.1", max: "200", step: "0.1", value: "5" };
  parts.km = el("input", { type: "number", name: "km", ...limits });
  const sides = ["ukraine", "russia"];
  const words = { ukraine: t("Ukrainian-held land"), russia: t("Russian-held land") };
  parts.into = choice(sides, "ukraine", (value) => words[value], "into");
  const places = { all: t("the whole line"), view: t("what is in view on the map") };
  parts.where = choice(["all", "view"], "all", (value) => places[value], "where");
  parts.shift = button("shift", act, t("Move the line"), { disabled: isServed ? null : "" });
  return folded(
    t("Move the whole line, or a stretch of it"),
    row(field(t("By, km"), parts.km), field(t("Into"), parts.into), field(t("Which"), parts.where)),
    row(parts.shift),
  );
}

function sketchTools(act, parts) {
  parts.draw = button("draw", act, t("Draw a new part"));
  parts.drawing = el(
    "div",
    { class: "whatif-sketching", hidden: "" },
    el(
      "p",
      { class: "small" },
      t(
        "Click the map to set points. By keyboard: move the map with the arrow keys, set a point at the " +
          "cross with Enter, take one back with Backspace.",
      ),
    ),
    row(
      button("addMiddle", act, t("Set a point at the cross")),
      button("takeBack", act, t("Take a point back")),
    ),
    row(
      button("closePocket", act, t("Close as a pocket")),
      button("endLine", act, t("End as a line")),
      button("stopDrawing", act, t("Cancel")),
    ),
  );
  return folded(t("Draw a pocket or another part"), row(parts.draw), parts.drawing);
}

function fileTools(act, parts, isServed) {
  const kinds = { accept: ".geojson,.json,.toml", "aria-label": t("Line or plan to load") };
  parts.file = el("input", { type: "file", class: "hidden", tabindex: "-1", ...kinds });
  parts.file.addEventListener("change", () => {
    const [file] = parts.file.files;
    if (file) act.load(file);
    parts.file.value = "";
  });
  parts.united = el("p", { class: "small whatif-united", hidden: "" });
  parts.plan = el("p", { class: "small", hidden: "" });
  parts.dropPlan = button("dropPlan", act, t("Back to the plan shown"), { hidden: "" });
  parts.csv = button("saveCsv", act, t("Save figures, CSV"));
  parts.json = button("saveJson", act, t("Save figures, JSON"));
  return group(
    t("Load and save"),
    el(
      "p",
      { class: "small" },
      t(
        "Drop a file anywhere on the page: a line or polygons as GeoJSON, or a plan as TOML or JSON.",
      ),
    ),
    parts.united,
    parts.plan,
    parts.dropPlan,
    parts.file,
    row(
      button("chooseFile", act, t("Load a file …")),
      button("saveLine", act, t("Save the line, GeoJSON")),
      ...(isServed ? [parts.csv, parts.json] : []),
    ),
  );
}

function keyHelp() {
  const keys = [
    ["Tab", t("to a point on the map")],
    ["Page Down, Page Up", t("next and previous point")],
    ["Home, End", t("first and last point of the part")],
    ["← ↑ → ↓", t("move the point by the step")],
    ["+", t("insert a point after it")],
    ["Delete", t("delete the point")],
    ["Ctrl Z, Shift Ctrl Z", t("undo and redo")],
    ["Esc", t("let go of the point; while dragging: put it back")],
  ];
  const items = keys.flatMap(([key, words]) => [el("dt", {}, key), el("dd", {}, words)]);
  return folded(
    t("Keys and fingers"),
    el("dl", { class: "facts" }, ...items),
    el(
      "p",
      { class: "small" },
      t(
        "Drag the line itself, or a small dot between two points, to insert a point; tap a point " +
          "twice to delete it. More points appear as you zoom in.",
      ),
    ),
  );
}

function notes(isServed) {
  const words = [
    t(
      "Nothing is stored on the server, and the link does not carry your line: save it if you want " +
        "to keep it. A draft stays in this browser tab until you close it.",
    ),
  ];
  if (!isServed) {
    words.unshift(
      t(
        "This file has no server behind it: you can edit and save the line and see an estimate of " +
          "the land between the lines; the plan's figures need the served page. The line here is " +
          "the one simplified for the screen.",
      ),
    );
  }
  return words.map((text) => el("p", { class: "small" }, text));
}

// On a narrow screen the panel lies below the map: what a hand needs most is on the map as well.
export function buildBar(act) {
  const words = { class: "whatif-bar", role: "group", "aria-label": t("Points of the line") };
  return el(
    "div",
    words,
    button("undo", act, t("Undo")),
    button("redo", act, t("Redo")),
    button("insert", act, t("Insert after")),
    button("remove", act, t("Delete point")),
  );
}

// `act` has a function for every button. Returns the parts that change.
export function buildControls(root, act, { isServed }) {
  const parts = {};
  parts.undo = button("undo", act, t("Undo"));
  parts.redo = button("redo", act, t("Redo"));
  parts.reset = button("reset", act, t("Start over"));
  parts.status = el("p", { class: "whatif-status", "data-phase": "loading" });
  parts.troubles = el("div", { class: "whatif-troubles" });
  parts.figures = el("div", { class: "whatif-figures" });
  root.replaceChildren(
    el("p", {}, t("Drag the line of contact on the map, or load one of your own: the figures follow.")),
    row(parts.undo, parts.redo, parts.reset),
    parts.status,
    parts.troubles,
    pointTools(act, parts),
    shiftTools(act, parts, isServed),
    sketchTools(act, parts),
    parts.figures,
    fileTools(act, parts, isServed),
    keyHelp(),
    ...notes(isServed),
  );
  return parts;
}
