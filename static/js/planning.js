// Moving a shift in the week: by dragging, or with Alt and an arrow. Without this file, its page does it.
(() => {
  "use strict";
  let dragged = null;

  const move = (shift, cell) => {
    if (!cell || cell === shift.closest("td")) return;
    htmx.ajax("POST", shift.dataset.move, {
      source: "#week",
      target: "#week",
      swap: "outerHTML",
      values: { agent: cell.dataset.agent, on: cell.dataset.on },
    }).then(() => document.getElementById(shift.id)?.focus());
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
    move(dragged, cell);
  });

  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    leave();
  });

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  document.addEventListener("keydown", (event) => {
    const step = event.altKey && STEPS[event.key];
    const shift = step && event.target.closest?.("table.week-grid [data-move]");
    if (!shift) return;
    event.preventDefault();
    const cell = shift.closest("td");
    const row = cell.parentElement;
    const rows = [...row.parentElement.rows];
    const target = rows[rows.indexOf(row) + step[0]]?.cells[cell.cellIndex + step[1]];
    move(shift, target?.matches("[data-agent]") ? target : null);
  });
})();
