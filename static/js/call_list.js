// The call list: by keyboard, drawn again without losing the place, and free for colleagues when one leaves.
(() => {
  "use strict";
  const list = () => document.getElementById("call-lines");
  const cards = () => [...document.querySelectorAll(".call-card")];
  const focusedCard = () => document.activeElement?.closest(".call-card");

  // Arrows go from one person to the next. A letter goes to its button and presses nothing. Both only while a
  // card, or something in it that takes no text, has the focus.
  const move = (step) => {
    const all = cards();
    all[Math.min(Math.max(all.indexOf(focusedCard()) + step, 0), all.length - 1)]?.focus();
  };

  document.addEventListener("keydown", (event) => {
    const card = focusedCard();
    const picks = document.activeElement?.matches("input, select, textarea");
    if (!card || picks || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      return move(event.key === "ArrowDown" ? 1 : -1);
    }
    const button = card.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) {
      event.preventDefault();
      button.focus();
    }
  });

  // The list is drawn again at intervals and after each press. Folds that are open stay open. The focus stays
  // on the same element; else it goes to the step that was just opened, to the same person, or to whoever
  // took their place.
  let before = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target !== list()) return;
    const has = list().contains(document.activeElement);
    before = {
      folds: [...list().querySelectorAll("details[open]")].map((fold) => fold.id),
      focus: has ? document.activeElement.id : "",
      card: focusedCard()?.id ?? "",
      place: has ? cards().indexOf(focusedCard()) : -1,
      had: has,
      back: detail.requestConfig?.elt?.dataset?.backTo ?? "",
      opens: detail.requestConfig?.elt?.id?.startsWith("cancel-") ?? false,
    };
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (!before || detail.target !== list()) return;
    const { folds, focus, card, place, had, back, opens } = before;
    before = null;
    for (const id of folds) document.getElementById(id)?.setAttribute("open", "");
    if (!had) return;
    const next = cards()[Math.min(Math.max(place, 0), cards().length - 1)];
    const found =
      (opens && list().querySelector(".call-cancel input:checked")) ||
      (back && document.getElementById(back)) ||
      (focus && document.getElementById(focus)) ||
      (card && document.getElementById(card)) ||
      next ||
      document.querySelector("main h1");
    found?.focus();
  });

  // Whoever dials from here says by that that they are calling.
  document.addEventListener("click", (event) => {
    const dial = event.target.closest("[data-claims]");
    dial?.closest(".call-card").querySelector("form[data-claim]")?.requestSubmit();
    keeps = event.target.closest("[data-keeps-call]") !== null;
  });

  // Leaving the list ends one's calls, except to move the appointment of the person on the phone.
  let keeps = false;
  window.addEventListener("pagehide", () => {
    if (keeps) return;
    for (const form of document.querySelectorAll("form[data-release]")) {
      navigator.sendBeacon(form.action, new FormData(form));
    }
  });

  if (document.activeElement === document.body) {
    (document.querySelector(".call-cancel input:checked") ?? cards()[0])?.focus();
  }
})();
