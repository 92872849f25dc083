// Files dropped on the page, and the keys that undo; only while the panel is open.

function carriesFile({ dataTransfer }) {
  return [...(dataTransfer?.types ?? [])].includes("Files");
}

function isTyping({ target }) {
  return target.matches?.("input, textarea, select") ?? false;
}

// `act`: load(file), undo(), redo(). Returns a function that stops listening.
export function listenToPage(act) {
  const ears = new AbortController();
  const on = (name, listener) => addEventListener(name, listener, { signal: ears.signal });
  const mark = (is) => document.documentElement.classList.toggle("whatif-dropping", is);
  on("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    mark(true);
  });
  on("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  on("drop", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    mark(false);
    const [file] = event.dataTransfer.files;
    if (file) act.load(file);
  });
  on("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event)) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) act.redo();
    else act.undo();
  });
  return () => {
    mark(false);
    ears.abort();
  };
}
