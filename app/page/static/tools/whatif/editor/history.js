// Undo and redo: versions are never changed, so keeping one costs a reference.

const MOST = 300;
const TOGETHER_MS = 900;

// `now` is the clock, in milliseconds.
export function openHistory(first, now = () => performance.now()) {
  let past = [];
  let current = first;
  let future = [];
  let last = { kind: null, at: 0 };

  // Steps of one kind in quick succession, such as a held arrow key, are undone together.
  function push(version, kind = null) {
    const at = now();
    const together = kind !== null && kind === last.kind && at - last.at < TOGETHER_MS;
    if (!together) past = [...past.slice(1 - MOST), current];
    current = version;
    future = [];
    last = { kind, at };
  }

  function step(from, to) {
    if (!from.length) return null;
    to.push(current);
    current = from.pop();
    last = { kind: null, at: 0 };
    return current;
  }

  function restart(version) {
    [past, current, future] = [[], version, []];
    last = { kind: null, at: 0 };
  }

  return {
    push,
    restart,
    undo: () => step(past, future),
    redo: () => step(future, past),
    current: () => current,
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
  };
}
