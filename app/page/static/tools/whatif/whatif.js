// What if the line ran otherwise: it is drawn, moved, loaded and saved here, and the figures follow.

import { el } from "../../core/dom.js";
import { lang, number, plural, t } from "../../core/i18n.js";
import { day, km2 } from "../../core/format.js";
import { choiceWords, unitedWords } from "../shared/united.js";
import { openAnswers } from "./answer.js";
import { buildBar, buildControls } from "./controls.js";
import { forgetDraft, keepDraft, recallDraft } from "./draft.js";
import { listenToPage } from "./drop.js";
import { openEditor } from "./editor/editor.js";
import { figuresOf, summaryOf } from "./figures.js";
import { FileFault, readFile } from "./file.js";
import { countPoints, linesOf, openEstimate, partsFrom, removePart } from "./editor/line.js";
import { PHASES } from "./phases.js";
import { download, figuresCsv, figuresJson, lineFile } from "./save.js";
import { keyOfLine, knownLine, questionOf } from "./state.js";
import { troublesOf } from "./trouble.js";

const ADDRESS = lang === "en" ? "api/what-if" : `api/what-if?lang=${lang}`;
// The versions of the line, kept while the page is open, also when the panel is closed.
const memory = { history: null };
const ESTIMATE_EVERY_MS = 200;
const MOST_CHOICES = 12;

export function open(instrument, root) {
  const isServed = instrument.config.mode === "served";
  let [bundle, known, estimate, answer, leaveBe] = [null, null, null, null, null];
  let [isOpen, estimatedAt, turn] = [false, 0, 0];
  let phase = "loading";
  let deriving = null;

  const act = {
    undo: () => editor.undo(),
    redo: () => editor.redo(),
    reset: startOver,
    previous: () => editor.handles.go(-1, { focus: false }),
    next: () => editor.handles.go(1, { focus: false }),
    insert: () => editor.handles.insert(),
    remove: () => editor.handles.remove(),
    removePart: removeChosenPart,
    north: () => editor.handles.step([0, 1]),
    south: () => editor.handles.step([0, -1]),
    east: () => editor.handles.step([1, 0]),
    west: () => editor.handles.step([-1, 0]),
    shift,
    draw: () => editor.draw(),
    addMiddle: () => editor.sketch.addMiddle(),
    takeBack: () => editor.sketch.takeBack(),
    closePocket: () => editor.sketch.finish({ pocket: true }),
    endLine: () => editor.sketch.finish({ pocket: false }),
    stopDrawing: () => editor.sketch.stop(),
    chooseFile: () => parts.file.click(),
    load,
    dropPlan: () => editor.replace({ plan: null }, t("The plan shown is used again.")),
    saveLine,
    saveCsv: () =>
      download(`${fileName()}.csv`, "text/csv", figuresCsv(answer, bundle.tables.change)),
    saveJson: () => download(`${fileName()}.json`, "application/json", figuresJson(answer)),
  };
  // Until there is a line, or where none came, the buttons do nothing.
  const onceLoaded = (run) => (...given) => (editor.version() ? run(...given) : undefined);
  const guarded = Object.fromEntries(
    Object.entries(act).map(([name, run]) => [name, onceLoaded(run)]),
  );
  const parts = buildControls(root, guarded, { isServed });
  const banner = el("p", { class: "whatif-banner", "aria-hidden": "true" });
  const bar = buildBar(guarded);
  L.DomEvent.disableClickPropagation(bar);
  const editor = openEditor(instrument.map, instrument.stack, memory, {
    reachKm: () => Number(parts.reach.value),
    stepKm: () => Number(parts.step.value),
    onVersion,
    onBegin() {
      answers.cancel();
      tell("moving", { area: km2(0) });
    },
    onMoving(moved) {
      const now = performance.now();
      if (now - estimatedAt < ESTIMATE_EVERY_MS) return;
      estimatedAt = now;
      tell("moving", { area: km2(estimate.sweptKm2(moved)) });
    },
    onCancel: () => onVersion(editor.version(), ""),
    onChosen: showChosen,
    onLeave: () => parts.undo.focus(),
    onSketch: showSketching,
  });
  const answers = openAnswers({
    send: (body, signal) => instrument.getJson(ADDRESS, { method: "POST", body, signal }),
    tell: onAnswer,
  });

  // --- telling ---

  function tell(next, facts = {}) {
    phase = next;
    const words = PHASES[phase](facts);
    parts.status.textContent = words;
    parts.status.dataset.phase = phase;
    banner.textContent = t("What if: {words}", { words });
    banner.dataset.phase = phase;
    const isStale = !["answered", "known", "estimated"].includes(phase);
    parts.figures.toggleAttribute("data-stale", isStale && answer !== null);
    for (const save of [parts.csv, parts.json]) save.disabled = phase !== "answered";
  }

  // `choose(choice)` goes on with a part of the file, where a trouble offers some.
  function showTroubles(troubles, choose) {
    editor.canvas.showPin(troubles.find(({ place }) => place)?.place ?? null, t("Here"));
    parts.troubles.replaceChildren(
      ...troubles.map(({ words, place, choices }) =>
        el(
          "div",
          { class: "alert whatif-trouble" },
          el("p", {}, words),
          place && goThere(place),
          ...(choices ?? []).slice(0, MOST_CHOICES).map((choice) => choiceButton(choice, choose)),
        ),
      ),
    );
  }

  function choiceButton(choice, choose) {
    const words = { type: "button", class: "whatif-go", "data-choice": choice };
    const button = el("button", words, choiceWords(choice));
    button.addEventListener("click", () => choose(choice));
    return button;
  }

  function showUnited(united) {
    parts.united.hidden = !united;
    parts.united.textContent = united ? unitedWords(united) : "";
  }

  function goThere({ lon, lat }) {
    const button = el("button", { type: "button", class: "whatif-go" }, t("Go there"));
    button.addEventListener("click", () => {
      const zoom = Math.max(instrument.map.getZoom(), 9);
      instrument.map.setView([lat, lon], zoom, { animate: false });
      instrument.map.getContainer().scrollIntoView({ block: "nearest" });
    });
    return button;
  }

  function showChosen(at) {
    const version = editor.version();
    for (const tool of parts.ofPoint) tool.disabled = !at;
    if (!at) {
      const count = countPoints(version.parts);
      parts.spot.textContent = plural(count, {
        one: "{n} point in all; choose one on the map or here.",
        other: "{n} points in all; choose one on the map or here.",
      });
      return;
    }
    const [lon, lat] = version.parts[at.part][at.index];
    parts.spot.textContent = t(
      "Chosen: {lat}° N, {lon}° E (point {point} of {points}, part {part} of {parts})",
      {
        lat: number(lat, 4),
        lon: number(lon, 4),
        point: number(at.index + 1),
        points: number(version.parts[at.part].length),
        part: number(at.part + 1),
        parts: number(version.parts.length),
      },
    );
  }

  function showSketching(positions) {
    const isDrawing = positions !== null;
    parts.drawing.hidden = !isDrawing;
    parts.draw.disabled = isDrawing;
    if (!isDrawing) return;
    parts.drawing.querySelector("[data-act=closePocket]").disabled = positions.length < 3;
    parts.drawing.querySelector("[data-act=endLine]").disabled = positions.length < 2;
    parts.drawing.querySelector("[data-act=takeBack]").disabled = !positions.length;
  }

  function showVersion({ isEdited, plan }) {
    parts.undo.disabled = !editor.canUndo();
    parts.redo.disabled = !editor.canRedo();
    parts.reset.disabled = !isEdited && !plan;
    parts.plan.hidden = !plan;
    parts.dropPlan.hidden = !plan;
    if (plan) parts.plan.textContent = t("Plan of your own: {name}", { name: plan.name });
  }

  // --- the line and its figures ---

  function onVersion(version, words) {
    if (words) instrument.say(words);
    deriving?.abort();
    showTroubles([]);
    showVersion(version);
    showChosen(editor.handles.chosen());
    const { isEdited, plan } = version;
    if (isEdited || plan) keepDraft({ lines: version.parts, isEdited, plan });
    else forgetDraft();
    if (!isEdited && !plan) showKnown();
    else if (isServed) answers.ask(() => questionOf(version, bundle.identity));
    else tell("estimated", { area: km2(estimate.sweptKm2(version.parts)) });
  }

  function showKnown() {
    answers.cancel();
    answer = null;
    editor.canvas.clearFaces();
    parts.figures.replaceChildren(...figuresOf(bundle, null));
    tell("known");
  }

  function onAnswer(next, facts) {
    if (next === "answered") accept(facts.answer);
    else if (next === "refused" || next === "failed") refuse(next, facts.error);
    else tell(next, facts);
  }

  function accept(found) {
    answer = found;
    parts.figures.replaceChildren(...figuresOf(bundle, answer));
    tell("answered");
    instrument.say(summaryOf(answer));
    editor.canvas.showFaces(answer, () => isOpen && answer === found && phase === "answered");
  }

  function refuse(next, error) {
    answer = null;
    editor.canvas.clearFaces();
    parts.figures.replaceChildren(...figuresOf(bundle, null));
    tell(next);
    const troubles = troublesOf(error);
    showTroubles(troubles);
    instrument.say(`${PHASES[next]()} ${troubles[0].words}`);
  }

  function startOver() {
    editor.restart({ parts: known.parts, isEdited: false, plan: null });
    showUnited(null);
    instrument.say(t("This is the known line. Drag it, or choose a point."));
  }

  function removeChosenPart() {
    const at = editor.handles.chosen();
    if (!at) return;
    editor.handles.choose(null);
    editor.commit(removePart(editor.version().parts, at.part), { words: t("Part deleted.") });
    editor.handles.layOut();
  }

  // --- lines that the server makes ---

  async function derive(more, words) {
    deriving?.abort();
    answers.cancel();
    const mine = new AbortController();
    deriving = mine;
    tell("asking");
    try {
      const body = questionOf(editor.version(), bundle.identity, more);
      const found = await instrument.getJson(ADDRESS, { method: "POST", body, signal: mine.signal });
      if (mine.signal.aborted) return;
      const lines = partsFrom(linesOf(found.contact_line.geometry));
      editor.replace({ parts: lines, isEdited: true }, words);
      if (more.line) showUnited(found.identity.united);
    } catch (error) {
      if (mine.signal.aborted || error.name === "AbortError") return;
      tell("refused");
      const choose = (choice) => {
        derive({ ...more, part: more.part ? `${more.part}&${choice}` : choice }, words);
      };
      showTroubles(troublesOf(error), choose);
    }
  }

  function shift() {
    const km = Number(parts.km.value);
    const { _southWest: low, _northEast: high } = instrument.map.getBounds();
    const within = parts.where.value === "view" ? [low.lng, low.lat, high.lng, high.lat] : undefined;
    const words = t("The line was moved by {km} km.", { km: number(km, 1) });
    derive({ shift: { km, into: parts.into.value, within } }, words);
  }

  // --- files ---

  function complain(words) {
    showTroubles([{ words, place: null }]);
    instrument.say(words);
  }

  async function load(file) {
    try {
      const found = await readFile(file);
      if (!isOpen) return;
      use(found);
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      complain(t("{name}: {fault}", { name: file.name.slice(0, 80), fault: error.message }));
    }
  }

  function use({ kind, name, lines, area, plan, document, features }) {
    const words = t("Loaded: {name}", { name });
    if (kind === "collection") {
      if (isServed) derive({ line: document }, words);
      else {
        complain(
          plural(features, {
            one: "The file has {n} feature; which are meant can be chosen in the served page.",
            other:
              "The file has {n} features, which may mean different things: choose among them in the " +
              "served page, or keep one.",
          }),
        );
      }
      return;
    }
    if (kind === "plan") editor.replace({ plan: { name, plan } }, words);
    else if (kind === "area") {
      if (isServed) derive({ line: area }, words);
      else complain(t("An area of control needs the served page; a line can be loaded here."));
    } else {
      editor.replace({ parts: partsFrom(lines), isEdited: true }, words);
      const bounds = L.latLngBounds(lines.flat().map(([lon, lat]) => [lat, lon]));
      if (!instrument.map.getBounds().intersects(bounds)) instrument.map.fitBounds(bounds);
    }
  }

  const fileName = () => `point21-what-if-${bundle.identity.date}`;

  function saveLine() {
    const { parts: drawn, isEdited } = editor.version();
    const { date } = bundle.identity;
    const name = t("Line of contact of {day}", { day: day(date) });
    const began = { name, source: known.properties.source, date };
    const tool = `point21 ${instrument.config.version ?? ""}`.trim();
    const document = lineFile({ parts: drawn, began, isEdited, tool });
    download(`${fileName()}.geojson`, "application/geo+json", `${JSON.stringify(document)}\n`);
  }

  // --- coming and going ---

  function firstVersion() {
    const draft = recallDraft();
    if (!draft) return { parts: known.parts, isEdited: false, plan: null };
    const { lines, isEdited, plan } = draft;
    return { parts: isEdited ? partsFrom(lines) : known.parts, isEdited, plan };
  }

  function begin() {
    if (!isOpen) {
      leaveBe = listenToPage(guarded);
      instrument.map.getContainer().append(banner, bar);
    }
    isOpen = true;
    editor.canvas.showWas(known.parts);
    const version = editor.version();
    if (!version) editor.open(firstVersion());
    else if (version.isEdited || version.parts === known.parts) editor.open(null);
    else editor.open({ ...version, parts: known.parts });
  }

  async function show(shown) {
    turn += 1;
    const mine = turn;
    bundle = shown;
    if (known?.key !== keyOfLine(shown.identity)) {
      if (!known) tell("loading");
      try {
        const found = await knownLine(instrument, shown);
        if (mine !== turn) return;
        known = found;
        estimate = openEstimate(known.parts);
      } catch (error) {
        if (mine !== turn || error.name === "AbortError") return;
        refuse("failed", error);
        return;
      }
    }
    begin();
  }

  function leave() {
    turn += 1;
    isOpen = false;
    answers.cancel();
    deriving?.abort();
    leaveBe?.();
    banner.remove();
    bar.remove();
    editor.close();
  }

  return { show, leave };
}
