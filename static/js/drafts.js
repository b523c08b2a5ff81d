// What an agent has typed outlives the end of their session: after they log in again, the form is as they left
// it; the same after Back, a reload, or a page that says that something went wrong.
//
// It is kept in this tab alone (sessionStorage), for the same agent in the same commune and for an hour, and never
// in an address.
// Logging out erases it, and so does a page that says that it is done, or that a resident was erased
// since. Passwords and files are not kept.
(() => {
  "use strict";
  const NAME = "permanence-draft";
  const KEPT_MS = 60 * 60_000;
  const FIELDS =
    "main :is(input, select, textarea)[name]:not([type=hidden], [type=password], [type=file], [type=submit])";
  const { agent, commune, erased } = document.body.dataset;
  const page = window.location.pathname + window.location.search;
  let isOver = false;

  const read = () => {
    try {
      return JSON.parse(sessionStorage.getItem(NAME));
    } catch {
      return null;
    }
  };
  const write = (draft) => sessionStorage.setItem(NAME, JSON.stringify(draft));
  const forget = () => sessionStorage.removeItem(NAME);

  // The state of a form that asks (GET) is in the address already; a list that is drawn again by itself may have
  // other lines by then.
  const isKept = (field) => field.form?.method !== "get" && !field.closest("[hx-trigger*='permanence:changed']");
  const fields = () => [...document.querySelectorAll(FIELDS)].filter(isKept);
  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
  const isTouched = (field) => {
    if (isTicked(field)) return field.checked !== field.defaultChecked;
    if (!field.options) return field.value !== field.defaultValue;
    const options = [...field.options];
    if (field.multiple) return options.some((option) => option.selected !== option.defaultSelected);
    return field.selectedIndex !== Math.max(0, options.findIndex((option) => option.defaultSelected));
  };

  // Fields are known by their name and their place among those of the same name.
  const named = () => {
    const seen = {};
    return fields().map((field) => ({ field, name: field.name, number: (seen[field.name] = (seen[field.name] ?? -1) + 1) }));
  };

  // A form that came back with something wrong has what was typed as its defaults: it is kept whole.
  const typed = () => {
    const isWhole = Boolean(document.querySelector(".error-summary, #lost, .who-panel.writing"));
    return named()
      .filter(({ field }) => isWhole || isTouched(field))
      .map(({ field, name, number }) => ({ name, number, value: field.value, checked: field.checked }));
  };

  const fill = (entries) => {
    const known = named();
    return entries.filter(({ name, number, value, checked }) => {
      const field = known.find((each) => each.name === name && each.number === number)?.field;
      if (!field) return true;
      if (isTicked(field)) field.checked = checked;
      else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      return false;
    });
  };

  // Rows that were added to a form (`data-adds`: what the names of their fields begin with) are asked for again by
  // the button that adds one, one after the other, as long as that brings fields that were typed into.
  const addRows = (left) => {
    const button = document.querySelector("button[data-adds]");
    const isOfRow = ({ name }) => button && name.startsWith(button.dataset.adds);
    let rest = left.filter(isOfRow);
    if (!rest.length) return;
    const numberOf = ({ name }) => parseInt(name.slice(button.dataset.adds.length), 10);
    let presses = Math.max(...rest.map(numberOf)) + 1;
    let isPressed = false;
    const press = () => {
      isPressed = true;
      button.click();
    };
    const next = ({ detail }) => {
      // Other parts of the page are drawn meanwhile, and one press may be told of twice.
      if (!isPressed || detail.requestConfig?.elt !== button) return;
      isPressed = false;
      rest = fill(rest);
      presses -= 1;
      if (rest.length && presses > 0) return setTimeout(press);
      document.removeEventListener("htmx:afterSettle", next);
      button.form.dispatchEvent(new Event("change", { bubbles: true })); // what is counted from the rows
    };
    document.addEventListener("htmx:afterSettle", next);
    press();
  };

  const restore = (entries) => {
    const left = fill(entries);
    addRows(left);
    if (left.length) document.dispatchEvent(new CustomEvent("permanence:unfilled", { detail: { left, fill } }));
    const said = document.createElement("p");
    said.className = "notice draft-back";
    said.textContent = document.body.dataset.draftBack;
    document.getElementById("said").append(said);
  };

  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.matches("[data-logout]")) return;
      isOver = true;
      forget();
    },
    true,
  );

  window.addEventListener("pagehide", () => {
    if (!agent || isOver) return;
    const entries = typed();
    const at = window.location.pathname + window.location.search; // htmx may have changed it
    if (entries.length) write({ agent, commune, erased, page: at, entries, at: Date.now() });
  });

  document.addEventListener("DOMContentLoaded", () => {
    const draft = read();
    if (!draft) return;
    if (Date.now() - draft.at > KEPT_MS) return forget();
    if (!agent) return write({ ...draft, isCutOff: true }); // the login
    const isDone = Boolean(document.querySelector(".messages .success"));
    const isTheirs = draft.agent === agent && draft.commune === commune && draft.erased === erased;
    if (!isTheirs || isDone) return forget();
    if (draft.page !== page) return;
    const { type } = performance.getEntriesByType("navigation")[0] ?? {};
    const isBack = type === "back_forward" || type === "reload";
    forget();
    if ((draft.isCutOff || isBack) && !document.querySelector(".error-summary, #lost")) restore(draft.entries);
  });
})();
