// What every page of an agent needs beyond htmx: say when the connection is lost, and come back.
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
    const isSaid = document.documentElement.dataset.offline !== undefined; // by my_day.js
    if (!isSaid) show(notice()?.dataset.lost ?? "");
  });
  document.addEventListener("htmx:responseError", () => show(notice()?.dataset.failed ?? ""));
  document.addEventListener("htmx:afterOnLoad", hide);

  // Where a request for a part was led to a whole page, go there: put inside this one, the parts of that page would
  // fetch themselves again, without end.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { shouldSwap, pathInfo, xhr } = event.detail;
    const asked = new URL(pathInfo.finalRequestPath, window.location.href).href;
    const isPage = /^\s*<!doctype html/i.test(xhr.responseText);
    if (!shouldSwap || !isPage || xhr.responseURL === asked) return;
    event.detail.shouldSwap = false;
    window.location.assign(xhr.responseURL);
  });

  // What fetches itself anew waits while something in it is half typed: it comes with the next look.
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

  // A fragment that must not be typed into twice: the button rests while its form is on its way.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || event.defaultPrevented) return;
    setTimeout(() => {
      button.setAttribute("aria-disabled", "true");
      setTimeout(() => button.removeAttribute("aria-disabled"), 4000);
    });
  });

  // On a phone the bar is wider than the screen: where one is stays in sight.
  document.querySelector(".bar nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // A page that comes back with something wrong in a form begins there: at the field, or at the words where no
  // field is named. Opened pages have none of this, so that nothing moves the focus there.
  const wrong = document.querySelector("main :is([aria-invalid=true], .errorlist):not([type=hidden])");
  if (wrong) {
    for (let fold = wrong.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (!wrong.matches("input, select, textarea")) wrong.tabIndex = -1;
    wrong.focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-print]");
    if (target) window.print();
  });
})();
