// Moving a shift within the week by dragging it, or with Alt and an arrow; folding groups of helpers; what
// is written in the search. Without JavaScript, the shift's own page moves it, and nothing is folded.
(() => {
  "use strict";
  let dragged = null;
  let moving = 0;
  let missed = false;
  let queue = Promise.resolve();

  // News wait while a shift is dragged or being moved: they would replace it, and the move would be lost.
  const isBusy = () => dragged || moving;

  const catchUp = () => {
    if (!missed || isBusy()) return;
    missed = false;
    document.body.dispatchEvent(new CustomEvent("permanence:changed"));
  };

  const isNews = (event) => event.detail.requestConfig?.elt?.id === "week";

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isNews(event) || !isBusy()) return;
    event.preventDefault();
    missed = true;
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isNews(event) || !isBusy()) return;
    event.detail.shouldSwap = false;
    missed = true;
  });

  // Moves run one after the other, each from where the one before has put the shift.
  const move = (id, findTarget) => {
    moving += 1;
    queue = queue.then(async () => {
      const shift = document.getElementById(id);
      const from = shift?.closest("td");
      const cell = shift && findTarget(from);
      if (!cell || cell === from) return;
      // The shift is the source of the request: if it were the week, the request would wait for one that
      // fetches news.
      await htmx.ajax("POST", shift.dataset.move, {
        source: shift,
        target: "#week",
        swap: "outerHTML",
        values: {
          agent: cell.dataset.agent, on: cell.dataset.on, was_agent: from.dataset.agent, was_on: from.dataset.on,
        },
      });
      document.getElementById(id)?.focus();
    }).catch(() => {}).finally(() => {
      moving -= 1;
      catchUp();
    });
  };

  const cellOf = (target) => target.closest?.("table.week-grid td[data-agent]");

  const leave = () => document.querySelectorAll(".over-here").forEach((cell) => cell.classList.remove("over-here"));

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-move]");
    if (!dragged) return;
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
  });

  document.addEventListener("dragover", (event) => {
    const cell = dragged && cellOf(event.target);
    leave();
    if (!cell) return;
    event.preventDefault();
    cell.classList.add("over-here");
  });

  document.addEventListener("drop", (event) => {
    const cell = dragged && cellOf(event.target);
    if (!cell) return;
    event.preventDefault();
    const { agent, on } = cell.dataset;
    move(dragged.id, () => document.querySelector(`td[data-agent="${agent}"][data-on="${on}"]`));
  });

  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    leave();
    catchUp();
  });

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  document.addEventListener("keydown", (event) => {
    const step = event.altKey && STEPS[event.key];
    const shift = step && event.target.closest?.("table.week-grid [data-move]");
    if (!shift) return;
    event.preventDefault();
    move(shift.id, (cell) => {
      const rows = [...cell.closest("table").querySelectorAll("tbody:not([hidden]) > tr:has(td[data-agent])")];
      const target = rows[rows.indexOf(cell.parentElement) + step[0]]?.cells[cell.cellIndex + step[1]];
      return target?.matches("[data-agent]") ? target : null;
    });
  });

  // ---- folded groups stay folded while the page is open, also where the week is drawn anew ----------------

  const folded = new Set();

  const fold = (button) => {
    const isFolded = folded.has(button.dataset.fold);
    button.setAttribute("aria-expanded", String(!isFolded));
    const rows = document.getElementById(button.dataset.fold);
    if (rows) rows.hidden = isFolded;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-fold]");
    if (!button) return;
    const { fold: name } = button.dataset;
    if (!folded.delete(name)) folded.add(name);
    fold(button);
  });

  const closed = new Set();

  document.addEventListener("toggle", ({ target }) => {
    if (!target.matches?.("details[data-open]")) return;
    if (target.open) closed.delete(target.id);
    else closed.add(target.id);
  }, true);

  // ---- whom one looks for stays written while the page is open; the name is in no address -------------------

  let sought = "";

  document.addEventListener("input", ({ target }) => {
    if (target.id !== "week-q") return;
    sought = target.value;
    document.getElementById("week-helpers")?.remove();
  });

  document.addEventListener("htmx:afterSwap", () => {
    const field = document.getElementById("week-q");
    if (field && field.value !== sought) field.value = sought;
    document.querySelectorAll("[data-fold]").forEach(fold);
    closed.forEach((id) => document.getElementById(id)?.removeAttribute("open"));
  });
})();
