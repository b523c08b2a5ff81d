// What every agent page needs besides htmx: a notice when the connection is lost, and its end.
(() => {
  "use strict";
  const notice = () => document.getElementById("connection");

  const show = (text) => {
    const box = notice();
    if (box) {
      box.textContent = text;
      box.hidden = false;
    }
  };

  const hide = () => {
    const box = notice();
    if (box) box.hidden = true;
  };

  document.addEventListener("htmx:sendError", () => {
    const isSaid = document.documentElement.dataset.offline !== undefined; // my_day.js says it already
    if (!isSaid) show(notice()?.dataset.lost ?? "");
  });
  document.addEventListener("htmx:responseError", () => show(notice()?.dataset.failed ?? ""));
  document.addEventListener("htmx:afterOnLoad", hide);

  // If a request for a fragment was redirected to a whole page, go to that page. Inserted into this one, its
  // fragments would fetch themselves again without end.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { shouldSwap, pathInfo, xhr } = event.detail;
    const asked = new URL(pathInfo.finalRequestPath, window.location.href).href;
    const isPage = /^\s*<!doctype html/i.test(xhr.responseText);
    if (!shouldSwap || !isPage || xhr.responseURL === asked) return;
    event.detail.shouldSwap = false;
    window.location.assign(xhr.responseURL);
  });

  // A fragment that refreshes itself waits while one of its fields is half filled in; a later refresh brings
  // the news.
  const isTouched = (field) => {
    if (field.type === "hidden" || field.type === "submit") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.options) {
      const first = [...field.options].findIndex((option) => option.defaultSelected);
      return !field.multiple && field.selectedIndex !== Math.max(first, 0);
    }
    return field.value !== field.defaultValue;
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const by = event.detail.requestConfig?.triggeringEvent?.type;
    const isByItself = by === undefined || by === "permanence:changed";
    const fields = [...event.detail.target.querySelectorAll("input, select, textarea")];
    if (isByItself && fields.some(isTouched)) event.detail.shouldSwap = false;
  });

  // A part that fetches itself is left as it stands when the answer says the same as before: what is put in again
  // is said again by screen readers.
  const sameAs = (text) => text.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1").trim();
  const byId = new Map(); // what each part was last filled with
  const byPart = new WeakMap();
  const answersFor = (part) => (part.id ? [byId, part.id] : [byPart, part]);
  const isRefresh = ({ target, requestConfig }) =>
    target && target === requestConfig?.elt && /permanence:changed|every /.test(target.getAttribute("hx-trigger"));
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!isRefresh(detail)) return;
    const [answers, key] = answersFor(detail.target);
    if (answers.get(key) === sameAs(detail.xhr.responseText)) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    for (let part = detail.target; part; part = part.parentElement) {
      const [answers, key] = answersFor(part);
      answers.delete(key);
    }
    if (!isRefresh(detail)) return;
    const [answers, key] = answersFor(detail.target);
    answers.set(key, sameAs(detail.xhr.responseText));
  });

  // A form must not be sent twice: its button is disabled while the form is being sent.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || event.defaultPrevented) return;
    if (button.getAttribute("aria-disabled") === "true") return event.preventDefault();
    setTimeout(() => {
      button.setAttribute("aria-disabled", "true");
      setTimeout(() => button.removeAttribute("aria-disabled"), 4000);
    });
  });

  // On a phone the navigation bar is wider than the screen: scroll to the entry of the present page.
  document.querySelector(".bar nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // What was typed into a search before htmx was there has not been searched yet. Two events: to htmx, the text that
  // it found at its start is no change.
  document.addEventListener("DOMContentLoaded", () => {
    for (const field of document.querySelectorAll("input[type=search]")) {
      const { value, defaultValue } = field;
      if (value === defaultValue) continue;
      for (const text of [defaultValue, value]) {
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  });

  // « Inverser prénom et nom »: two fields of a form exchange their texts.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-swap]");
    if (!button) return;
    const [one, other] = button.dataset.swap.split(" ").map((name) => button.form.elements[name]);
    [one.value, other.value] = [other.value, one.value];
    for (const field of [one, other]) field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-print]");
    if (target) window.print();
  });
})();
