// Choosing a person on a page of its own: who is found shows while one types (htmx, in the template). An answer
// that was on its way when the form of somebody new was begun must not draw over what is typed there.
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
