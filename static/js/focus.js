// Where the focus is when a page comes back with something wrong, and when a part of a page is replaced.
// It never falls back to the top of the page: whoever uses a keyboard or a screen reader goes on where they were.
(() => {
  "use strict";

  // ---- What is wrong (components/error_summary.html) --------------------------------------------------

  const openAround = (element) => {
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };

  // Links of the summary lead to the field without an entry in the history, which would redraw the page at Back.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".error-summary a, [data-refusal] a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    openAround(field);
    field.focus();
    (field.closest(".field") ?? field).scrollIntoView({ block: "nearest" });
  });

  // The title says it first; a part that is replaced has no title of its own.
  const markTitle = () => {
    const mark = `${document.body.dataset.errorTitle} `;
    const bare = document.title.replaceAll(mark, "");
    document.title = document.querySelector(".error-summary, [data-refusal]") ? mark + bare : bare;
  };

  const summary = document.querySelector(".error-summary, [data-refusal]");
  if (summary) {
    openAround(summary);
    summary.focus();
  }

  // ---- What is replaced ---------------------------------------------------------------------------------

  const isLost = () => {
    const focused = document.activeElement;
    return !focused || focused === document.body || !focused.checkVisibility();
  };

  const alike = (part, tag, text) => [...part.querySelectorAll(tag)].filter((each) => each.textContent === text);

  // What had the focus: an element without an id is found again by its kind and its words, in the same part.
  let place = null;

  const describe = (element) => {
    const parts = [];
    for (let part = element.closest("[id]"); part; part = part.parentElement.closest("[id]")) parts.push(part.id);
    const { localName: tag, textContent: text, name, value } = element;
    const part = document.getElementById(parts[0]);
    const number = part ? alike(part, tag, text).indexOf(element) : -1;
    return { parts, tag, text, name, value, number };
  };

  const sameIn = (part) => {
    const { tag, text, name, value, number } = place;
    if (part.matches(tag) && part.matches("a, button, input, select, textarea, summary, [tabindex]")) return part;
    const found = alike(part, tag, text);
    return found.find((each) => name && each.name === name && each.value === value) ?? found[number];
  };

  const focusOn = (element) => {
    if (!element?.checkVisibility()) return false;
    element.focus({ preventScroll: true });
    if (isLost()) {
      element.tabIndex = -1;
      element.focus({ preventScroll: true });
    }
    return !isLost();
  };

  // Only in the part where it was is another element of the same kind the same: the button of the next person in
  // a list must not be under the key that was just pressed. Further out, the heading of what is left has it.
  const restore = () => {
    if (!place || !isLost()) return;
    const { parts } = place;
    const nearest = document.getElementById(parts[0]);
    if (nearest && focusOn(sameIn(nearest))) return;
    for (const part of [...parts.map((id) => document.getElementById(id)), document.getElementById("main")]) {
      if (part && (focusOn(part.querySelector("h1, h2, h3")) || focusOn(part))) return;
    }
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.shouldSwap && !isLost()) place = describe(document.activeElement);
  });
  document.addEventListener("htmx:afterSettle", () => {
    markTitle();
    setTimeout(restore); // after what a page of its own has to say about it
  });
  // Where nothing comes instead, nothing settles.
  document.addEventListener("htmx:afterRequest", () => setTimeout(restore, 100));
  document.addEventListener("focusin", () => (place = null));
})();
