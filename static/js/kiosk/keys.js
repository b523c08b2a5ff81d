// On a screen that hangs in public, Chromium in full screen leaves its own shortcuts to the page: none of them
// opens a window, a file or the history there. Larger and smaller stay. In any other window nothing changes.
(() => {
  "use strict";
  const ZOOM = new Set(["+", "-", "=", "0"]);

  document.addEventListener("keydown", (event) => {
    if (!matchMedia("(display-mode: fullscreen)").matches) return;
    const shortcut = event.ctrlKey || event.metaKey || event.altKey;
    const tasks = event.shiftKey && event.key === "Escape";
    if (tasks || (shortcut && !ZOOM.has(event.key)) || /^F\d+$/.test(event.key)) event.preventDefault();
  });
})();
