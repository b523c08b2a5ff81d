// News (live.js) do not replace what an agent is using. If an element vanishes between press and release,
// there is no click and no drag; typed text and opened parts would be lost. So news wait until the agent has
// finished, or has done nothing for a minute; focus.js restores the focus afterwards.
(() => {
  "use strict";
  const FORGOTTEN_MS = 60_000;
  const FIELDS = "input:not([type=hidden]), textarea, select";
  let pressed = null;
  let usedAt = -Infinity;
  let missed = null;

  // Whoever asked decides: a search that replaces the same element is wanted at once.
  const isNews = ({ elt, requestConfig }) =>
    (requestConfig?.elt ?? elt).getAttribute("hx-trigger")?.includes("permanence:changed");

  function isInUse(target) {
    if (pressed && target.contains(pressed)) return true;
    if (performance.now() - usedAt > FORGOTTEN_MS) return false;
    // Those that the page itself opens say nothing about use.
    return target.querySelector("details[open]:not([data-open])") || target.querySelector(":focus")?.matches(FIELDS);
  }

  function catchUp() {
    if (!missed || (missed.isConnected && isInUse(missed))) return;
    missed = null;
    document.body.dispatchEvent(new CustomEvent("permanence:changed", { bubbles: true }));
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event;
    if (!isNews(detail) || !detail.shouldSwap) return;
    if (isInUse(detail.target)) {
      detail.shouldSwap = false;
      missed = detail.target;
    }
  });

  const use = () => (usedAt = performance.now());

  document.addEventListener("pointerdown", (event) => {
    pressed = event.target;
    use();
  });
  document.addEventListener("keydown", use);
  document.addEventListener("input", use);

  for (const over of ["pointerup", "pointercancel"]) {
    document.addEventListener(over, () => {
      pressed = null;
      setTimeout(catchUp); // after the click event, which follows the release
    });
  }

  setInterval(catchUp, 1000);
})();
