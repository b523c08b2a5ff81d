// Counts down the minutes in which a cancellation can still be undone. Without script the page says the hour.
(() => {
  "use strict";
  const grace = document.querySelector("[data-grace-left]");
  if (!grace) return;
  const shown = grace.querySelector(".countdown");
  const until = performance.now() + Number(grace.dataset.graceLeft) * 1000;

  function draw() {
    const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) setTimeout(draw, 500);
  }

  draw();
})();
