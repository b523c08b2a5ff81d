// The list of screens fetches itself again: what is ticked and unfolded stays so. Without this script the page
// works all the same.
(() => {
  "use strict";
  const list = document.getElementById("screen-list") ?? document.getElementById("screen-state");
  if (!list) return;
  let ticked = [];
  let folds = [];

  const boxes = () => [...list.querySelectorAll("input[type=checkbox]")];

  function count() {
    const told = list.querySelector("[data-ticked]");
    if (!told) return;
    const n = boxes().filter((box) => box.checked).length;
    told.hidden = false;
    told.textContent = told.dataset.many.replace("{n}", n);
  }

  function begin() {
    const unfold = list.querySelector("[data-unfold]");
    if (unfold) unfold.hidden = false;
    count();
  }

  list.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox") return;
    // What is ticked is kept below: a refresh need not wait for it (app.js).
    target.defaultChecked = target.checked;
    count();
  });

  list.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-unfold]")) return;
    for (const fold of list.querySelectorAll("details.town")) fold.open = true;
  });

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target !== list) return;
    ticked = boxes().filter((box) => box.checked).map((box) => box.id);
    folds = [...list.querySelectorAll("details[id]")].map((fold) => [fold.id, fold.open]);
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target !== list) return;
    for (const id of ticked) {
      const box = document.getElementById(id);
      if (box) box.defaultChecked = box.checked = true;
    }
    for (const [id, isOpen] of folds) {
      const fold = document.getElementById(id);
      if (fold) fold.open = isOpen;
    }
    begin();
  });

  begin();
})();
