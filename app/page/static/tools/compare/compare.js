// Compares what the page shows (A) with a second settlement (B), on the map and in figures.

import { t } from "../../core/i18n.js";
import { openBoard } from "./board.js";
import { openChooser, presetsOf } from "./choose.js";
import { addressOf, isServed, loadComparison, loadDifferences } from "./data.js";
import { KINDS, readLink, referenceOf, writeLink } from "./link.js";
import { openStage } from "./stage.js";
import { nameInOne, pairWords, tellingName } from "./words.js";

const KEY = "compare";

// What differs first, if nobody chose what to compare by.
function firstKind({ moved_km2: moved }) {
  return KINDS.find((by) => moved[by] > 0) ?? KINDS[0];
}

// What is shown, what is on its way, and how it is looked at; nothing of the page yet.
function openCourse(instrument, { onDone, onFail }) {
  let running = null;

  async function load(asked, by, known) {
    const { signal } = running;
    const states = [instrument.state(), asked];
    const sides = known ?? (await loadComparison(instrument, ...states, signal));
    const kind = by ?? firstKind(sides.comparison);
    const differences = await loadDifferences(instrument, sides, states, kind, signal);
    return { asked, states, sides, by: kind, differences };
  }

  // One at a time: an answer that has been overtaken is dropped.
  async function go(asked, by, known = null) {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    try {
      const found = await load(asked, by, known);
      if (running === mine) onDone(found);
    } catch (error) {
      if (running !== mine || error.name === "AbortError") return;
      const isTold = "problem" in error;
      onFail(isTold ? error.message : t("The answer could not be used."), asked, by);
      if (!isTold) throw error;
    }
  }

  return { go, stop: () => running?.abort() };
}

// The look that a link names; a source that it leaves out is the page's own.
function linkedLook({ fragment, offer }) {
  const look = readLink(fragment.get(KEY));
  if (!look.b) return look;
  const [[source], [boundaries]] = [offer.sources, offer.boundaries];
  const b = { ...look.b };
  b.source ??= source.id;
  b.boundaries ??= boundaries.id;
  return { ...look, b };
}

function narrow() {
  return matchMedia("(max-width: 899px)").matches;
}

// Everything between what somebody does and what is shown.
class Comparing {
  constructor(instrument, root) {
    this.instrument = instrument;
    this.look = linkedLook(instrument);
    this.b = this.look.b;
    this.wantedBy = this.look.by;
    this.done = null;
    this.picked = null;
    this.swapped = null;
    // Somebody who did not come by a link to a view is shown what differs.
    this.isNew = !instrument.fragment.get("view");
    this.course = openCourse(instrument, {
      onDone: (found) => this.showAll(found),
      onFail: (message, asked, by) => this.tellFailure(message, asked, by),
    });
    this.chooser = openChooser(instrument, {
      onChoose: (state) => this.choose(state),
      onSwap: () => this.swap(),
    });
    this.board = openBoard(root, this.chooser.node, {
      onView: (view) => this.setView(view),
      onKind: (by) => this.setKind(by),
      onOnly: (only) => this.setOnly(only),
      onPick: (pair) => this.pick(pair),
    });
    this.board.setLook(this.look);
    this.stage = openStage(instrument, { onRest: (at) => this.keep({ at }) });
    instrument.fragment.onChange?.(() => this.followLink());
  }

  // Asks for B, or for what is compared; what is shown stays until that is complete.
  ask(asked, by, known = null) {
    const name = nameInOne(this.instrument, asked);
    this.board.busy(t("Comparing with {name} …", { name }));
    return this.course.go(asked, by, known);
  }

  choose(state) {
    this.isNew = true;
    return this.ask(state, this.wantedBy);
  }

  // The page shows another A. Whatever was said to differ from it is taken away at once.
  follow() {
    if (this.swapped) this.b = this.swapped;
    this.swapped = null;
    this.b ??= presetsOf(this.instrument)[0]?.state ?? this.instrument.state();
    this.done = null;
    this.picked = null;
    this.board.empty();
    this.stage.clear();
    const a = this.instrument.state();
    this.stage.name("a", tellingName(this.instrument, a, this.b));
    this.chooser.show(this.b);
    return this.ask(this.b, this.wantedBy);
  }

  showAll({ asked, states, sides, by, differences }) {
    const { instrument, stage } = this;
    this.b = asked;
    this.picked = null;
    this.done = { states, sides };
    this.keep({ by });
    const names = {
      a: nameInOne(instrument, states[0]),
      b: nameInOne(instrument, asked),
    };
    stage.name("a", tellingName(instrument, ...states));
    stage.name("b", tellingName(instrument, states[1], states[0]));
    stage.show(sides.b, differences, this.look.only);
    stage.setView(this.look.view, this.look);
    if (this.isNew) stage.showWhere();
    this.isNew = false;
    const csv = isServed(instrument)
      ? addressOf(instrument, ...states, { format: "csv", by })
      : null;
    this.chooser.show(asked);
    this.board.fill({ look: this.look, sides, differences, names, csv });
  }

  tellFailure(message, asked, by) {
    const { instrument } = this;
    const values = { name: nameInOne(instrument, asked), message };
    const words = t("The comparison with {name} could not be made. {message}", values);
    const still = this.done
      ? ` ${t("Still shown: {name}.", { name: nameInOne(instrument, this.b) })}`
      : "";
    this.chooser.show(this.b);
    this.board.fail(words + still, () => this.ask(asked, by));
  }

  // Every look is a link.
  keep(change) {
    this.look = { ...this.look, ...change };
    if (this.b) {
      const reference = referenceOf(this.b, this.instrument.query);
      this.instrument.fragment.set(KEY, writeLink(this.look, reference));
    }
  }

  setView(view) {
    this.keep({ view });
    this.board.setLook(this.look);
    if (this.stage.isOpen()) this.stage.setView(view, { ...this.look, fit: true });
  }

  setKind(by) {
    this.wantedBy = by;
    if (this.done) this.ask(this.b, by, this.done.sides);
  }

  setOnly(only) {
    this.keep({ only });
    if (this.done) this.stage.setOnly(only);
  }

  // A second time takes it back.
  pick(pair) {
    const isSame = this.picked?.before === pair.before && this.picked?.after === pair.after;
    this.picked = isSame ? null : pair;
    this.stage.pick(this.picked);
    this.board.mark(this.picked);
    if (!this.picked) return;
    const { instrument, look, done } = this;
    instrument.say(t("Shown on the map: {words}.", { words: pairWords(look.by, pair, done.sides) }));
    if (narrow()) instrument.map.getContainer().scrollIntoView({ block: "start" });
  }

  async swap() {
    const before = this.instrument.state();
    this.swapped = before;
    await this.instrument.go({ ...this.b, lang: before.lang });
    this.swapped = null;
  }

  // Somebody went back or forward, or wrote another link.
  followLink() {
    const link = linkedLook(this.instrument);
    if (!link.b) return;
    const reference = (state) => state && referenceOf(state, this.instrument.query);
    const isOther = reference(link.b) !== reference(this.b);
    this.look = link;
    this.wantedBy = link.by;
    this.board.setLook(this.look);
    if (isOther || !this.done) this.ask(link.b, link.by);
    else this.ask(this.b, link.by, this.done.sides);
  }

  leave() {
    this.course.stop();
    this.stage.leave();
    this.board.leave();
    this.instrument.fragment.set(KEY, null);
  }
}

export function open(instrument, root) {
  const comparing = new Comparing(instrument, root);
  return {
    show: () => comparing.follow(),
    leave: () => comparing.leave(),
  };
}
