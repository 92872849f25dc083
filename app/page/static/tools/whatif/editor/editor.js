// The line on the map with its handles, and its versions: every change goes through here.

import { t } from "../../../core/i18n.js";
import { openCanvas } from "./canvas.js";
import { openHandles } from "./handles.js";
import { openHistory } from "./history.js";
import { addPart } from "./line.js";
import { openSketch } from "./sketch.js";

// `act`: reachKm(), stepKm(), onVersion(version, words), onBegin(), onMoving(parts), onCancel(),
// onChosen(at), onLeave(), onSketch(positions or null).
// A version is { parts, isEdited, plan }, and is never changed.
// `memory` outlives the panel: its `history` is gone on with when the panel is opened again.
export function openEditor(map, stack, memory, act) {
  const canvas = openCanvas(map, stack);
  let isOpen = false;

  const version = () => memory.history.current();
  const parts = () => version().parts;

  function show(words) {
    canvas.showLine(parts());
    handles.layOut();
    act.onVersion(version(), words);
  }

  function commit(after, { kind = null, words = "" } = {}) {
    memory.history.push({ ...version(), parts: after, isEdited: true }, kind);
    canvas.showLine(after);
    act.onVersion(version(), words);
  }

  const handles = openHandles(map, canvas.pane, {
    parts,
    reachKm: act.reachKm,
    stepKm: act.stepKm,
    commit,
    begin(before, moved) {
      canvas.beginMove(before, moved);
      act.onBegin();
    },
    moving(after) {
      canvas.move(after);
      act.onMoving(after);
    },
    cancel() {
      canvas.showLine(parts());
      act.onCancel();
    },
    chose: act.onChosen,
    leave() {
      handles.choose(null);
      act.onLeave();
    },
  });

  const sketch = openSketch(map, {
    show: canvas.showSketch,
    changed: act.onSketch,
    done(positions, { pocket }) {
      commit(addPart(parts(), positions, { pocket }), { words: t("Part added.") });
      handles.layOut();
    },
    left() {
      handles.show(isOpen);
      act.onSketch(null);
    },
  });

  // With another first version, or `null` to go on with those that there are.
  function open(first) {
    if (first) memory.history = openHistory(first);
    if (!isOpen) canvas.open(handles.onLinePointerDown);
    isOpen = true;
    handles.show(true);
    show("");
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
    sketch.stop();
    handles.choose(null);
    handles.show(false);
    canvas.close();
  }

  // A version that is no change by hand: another line, another plan.
  function replace(next, words) {
    handles.choose(null);
    memory.history.push({ ...version(), ...next });
    show(words);
  }

  function restart(first) {
    handles.choose(null);
    memory.history.restart(first);
    show("");
  }

  function back(step, words) {
    if (sketch.isOpen() || handles.isDragging() || !step()) return;
    show(words);
  }

  function draw() {
    handles.choose(null);
    handles.show(false);
    sketch.start();
  }

  return {
    canvas,
    handles,
    sketch,
    open,
    close,
    commit,
    replace,
    restart,
    draw,
    version: () => memory.history?.current() ?? null,
    undo: () => back(memory.history.undo, t("Undone.")),
    redo: () => back(memory.history.redo, t("Redone.")),
    canUndo: () => memory.history.canUndo(),
    canRedo: () => memory.history.canRedo(),
  };
}
