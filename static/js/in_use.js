// News (live.js) do not replace what an agent is using. If an element vanishes between press and release,
// there is no click and no drag; typed text and opened parts would be lost. So news wait until the agent has
// finished, or has done nothing for a minute. Keyboard focus on a link or a button is restored afterwards.
(() => {
  "use strict";
  const FORGOTTEN_MS = 60_000;
  const FIELDS = "input:not([type=hidden]), textarea, select";
  let pressed = null;
  let usedAt = -Infinity;
  let missed = null;

  const isNews = (detail) => detail.elt.getAttribute("hx-trigger")?.includes("permanence:changed");

  function isInUse(target) {
    if (pressed && target.contains(pressed)) return true;
    if (performance.now() - usedAt > FORGOTTEN_MS) return false;
    return target.querySelector("details[open]") || target.querySelector(":focus")?.matches(FIELDS);
  }

  function catchUp() {
    if (!missed || (missed.isConnected && isInUse(missed))) return;
    missed = null;
    document.body.dispatchEvent(new CustomEvent("permanence:changed", { bubbles: true }));
  }

  // Focus returns to the same kind of element, with the same text, in the same part of the page.
  let place = null;

  function remember(target) {
    const focused = document.activeElement;
    const part = target.contains(focused) && !focused.id && focused.closest("[id]");
    if (!part) return null;
    return { part: part.id, tag: focused.localName, text: focused.textContent, number: numberOf(part, focused) };
  }

  const numberOf = (part, element) => alike(part, element.localName, element.textContent).indexOf(element);

  const alike = (part, tag, text) => [...part.querySelectorAll(tag)].filter((each) => each.textContent === text);

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event;
    if (!isNews(detail) || !detail.shouldSwap) return;
    if (isInUse(detail.target)) {
      detail.shouldSwap = false;
      missed = detail.target;
    } else place = remember(detail.target);
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!place) return;
    const { part, tag, text, number } = place;
    place = null;
    const found = document.activeElement === document.body && document.getElementById(part);
    if (found) alike(found, tag, text)[number]?.focus({ preventScroll: true });
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
