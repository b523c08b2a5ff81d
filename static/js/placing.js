// The page for choosing a person: matches appear while one types (htmx, in the template). If the agent begins
// the form for a new person, a search answer that comes late must not replace that form.
(() => {
  "use strict";
  let isWriting = false;

  document.addEventListener("input", (event) => {
    if (event.target.id === "q") isWriting = false;
    else if (event.target.closest("#new")) isWriting = true;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig?.elt.id === "q" && isWriting) event.detail.shouldSwap = false;
  });
})();
