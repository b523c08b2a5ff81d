// On a public screen, Chromium in full screen passes its own shortcuts to the page. This blocks those that
// open a window, a file or the history; zooming stays. Outside full screen nothing changes.
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
