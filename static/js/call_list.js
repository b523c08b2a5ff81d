// The call list by keyboard: arrows go from one person to the next, one key notes what came of the call.
// The keys work only while a line, or something in it, has the focus.
(() => {
  "use strict";
  const lines = () => [...document.querySelectorAll(".call-card")];
  const focused = () => document.activeElement?.closest(".call-card");

  const move = (step) => {
    const all = lines();
    const next = all[Math.min(Math.max(all.indexOf(focused()) + step, 0), all.length - 1)];
    next?.focus();
  };

  document.addEventListener("keydown", (event) => {
    const line = focused();
    if (!line || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      return move(event.key === "ArrowDown" ? 1 : -1);
    }
    const button = line.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });

  // The list is drawn again at intervals, and after each outcome: keep the focus on the same line.
  let last = "";
  document.addEventListener("htmx:beforeSwap", () => (last = focused()?.id ?? ""));
  document.addEventListener("htmx:afterSettle", () => {
    if (last) document.getElementById(last)?.focus();
    last = "";
  });
  if (document.activeElement === document.body) lines()[0]?.focus();
})();
