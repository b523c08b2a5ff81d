// The desk by keyboard: after Enter in the search the focus moves to the services, after picking a time to
// the confirm button. Merely looking at a choice does not move the focus.
//
// The form for a new resident is never replaced while it is being filled in: it takes the place of the
// search, stays whatever else changes, and the last button of the page shows the name typed in it.
(() => {
  "use strict";
  const find = (selector) => document.querySelector(selector);
  const focusFirst = (...selectors) => {
    for (const selector of selectors) {
      const element = find(selector);
      if (element) return element.focus();
    }
  };
  const services = ["#plan input[type=radio]:checked", "#plan input[type=radio]"];
  const panel = () => document.getElementById("who-panel");
  const newcomer = () => find("form.newcomer");
  const isTyped = () => panel()?.classList.contains("writing") ?? false;

  // ---- the form for a new resident ------------------------------------------------------------------

  const isWriting = () => {
    const form = newcomer();
    return Boolean(form) && (isTyped() || form.closest("details").open);
  };

  const nameTyped = () => {
    const { first_name: first, last_name: last } = newcomer().elements;
    return `${first.value.trim()} ${last.value.trim()}`.trim();
  };

  // The list of the messages that leave is requested when it may have changed: after typing, or for another held
  // time. Without a held time, or after the form was closed, there is none.
  const asked = new WeakMap();
  function announce() {
    const list = find("#announced[data-newcomer]");
    if (!list) return;
    const isReady = isWriting();
    const form = isReady ? new FormData(newcomer()) : new FormData();
    form.delete("note");
    const typed = new URLSearchParams(form).toString();
    if (asked.get(list) === typed) return;
    asked.set(list, typed);
    if (isReady) htmx.trigger(list, "typed");
    else list.replaceChildren();
  }

  function update() {
    announce();
    const button = find("#confirm-button[data-unnamed]");
    if (button) {
      const writing = isWriting();
      button.hidden = !writing;
      find("#confirm-nobody").hidden = writing;
      for (const place of document.querySelectorAll("#confirm [data-new-name]")) {
        place.hidden = !writing;
        if (writing) place.textContent = nameTyped() || button.dataset.unnamed;
      }
    }
    const times = document.getElementById("times");
    const weeks = find("#confirm [data-weeks]");
    // As many as will be booked: some of the weeks may be skipped.
    const number = find("#weeks-sum [data-booked]")?.dataset.booked ?? times?.selectedOptions[0].text;
    if (weeks && times) weeks.textContent = times.value === "1" ? "" : ` · ${number}`;
  }

  // The page was drawn again, and how often stayed as it was: the dates of another time are asked for.
  function askForDates() {
    const dates = document.getElementById("weeks");
    const times = document.getElementById("times");
    if (!dates || !find("#confirm") || times.value === "1" || dates.children.length || dates.dataset.asked) return;
    dates.dataset.asked = "1";
    htmx.trigger(dates, "asked");
  }

  document.addEventListener("input", (event) => {
    if (event.target.form?.matches(".newcomer") && event.target.closest("#who-panel") && !isTyped()) {
      panel().classList.add("writing");
      htmx.trigger("#search", "htmx:abort");
    }
    update();
  });
  document.addEventListener("change", update);
  document.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.matches?.("details.new")) return;
      if (isTyped() && !event.target.open) event.target.open = true;
      update();
    },
    true,
  );

  // ---- dates ----------------------------------------------------------------------------------------

  // Typing a date changes it at each figure. The times are searched when the field is left, or at Enter; a day
  // picked in the calendar is searched at once.
  const typedDates = new WeakSet();
  const isDate = (element) => element.matches?.("#plan-form input[type=date]");
  document.addEventListener("keydown", (event) => {
    if (isDate(event.target) && !["Tab", "Shift", "Enter"].includes(event.key)) typedDates.add(event.target);
  });
  document.addEventListener(
    "change",
    (event) => {
      if (isDate(event.target) && typedDates.has(event.target)) event.stopImmediatePropagation();
    },
    true,
  );
  document.addEventListener("focusout", (event) => {
    if (!isDate(event.target) || !typedDates.delete(event.target)) return;
    if (event.target.value !== event.target.defaultValue) {
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  // A search answer that comes after the first letter was typed must not replace the form.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig?.elt.id === "search" && isTyped()) event.detail.shouldSwap = false;
  });

  // Going back or forward in the history draws the whole page: put the form back where the search is shown.
  let kept = null;
  document.addEventListener("htmx:historyCacheMiss", () => {
    if (isTyped()) kept = panel();
  });
  document.addEventListener("htmx:historyRestore", () => {
    if (kept && document.getElementById("search")) {
      panel().replaceWith(kept);
      htmx.process(kept);
      kept = null;
    }
    update();
  });

  // After the session had ended (drafts.js): the search draws the form again, then it is filled as it was.
  document.addEventListener("permanence:unfilled", (event) => {
    const { left, fill } = event.detail;
    const q = document.getElementById("q");
    const valueOf = (name) => left.find((each) => each.name === name)?.value.trim() ?? "";
    const name = `${valueOf("first_name")} ${valueOf("last_name")}`.trim();
    if (!q || !(name || valueOf("phones-0-number"))) return;
    const fillOnceDrawn = () => {
      const form = newcomer();
      if (!form) return;
      document.removeEventListener("htmx:afterSettle", fillOnceDrawn);
      form.closest("details").open = true;
      fill(left);
    };
    document.addEventListener("htmx:afterSettle", fillOnceDrawn);
    q.value ||= name || valueOf("phones-0-number");
    q.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // ---- what is typed to prepare goes along to the waiting list, and comes back with a time chosen there -----

  document.addEventListener("submit", (event) => {
    const note = document.getElementById("note");
    if (event.target.id === "to-waiting" && note) event.target.elements.note.value = note.value;
  });

  // ---- where the focus goes -------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "who") return;
    event.preventDefault(); // otherwise the service that gets the focus would send its form
    focusFirst(...services);
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    update();
    askForDates();
    const config = event.detail.requestConfig;
    // Do not disturb someone who is typing.
    if (!config || ["announced", "number-owners"].includes(config.elt.id)) return;
    const by = config.triggeringEvent?.type;
    if (config.elt.id === "search" && by === "submit") {
      focusFirst("#found a", "#found input:not([type=hidden])", ...services);
    } else if (config.elt.id === "search" && !document.getElementById("q")) {
      focusFirst("#who"); // the card has replaced the search field
    } else if (config.elt.id === "let-go" || config.elt.id === "abandon") {
      focusFirst("#q");
    } else if (config.elt.matches(".another")) {
      focusFirst("form.newcomer [name=first_name]");
    } else if (config.elt.id === "pick") {
      focusFirst("#lost", "#confirm-button:not([hidden])", "#confirm-nobody");
    } else if (config.elt.closest("#found")) {
      focusFirst("#error-summary", "#alike", ...services);
    }
  });
  update();
})();
