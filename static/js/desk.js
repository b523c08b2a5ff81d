// The desk by keyboard: after Enter in the search the focus goes to the services, after a time is picked to
// the button that confirms. Nothing moves the focus while a choice is only being looked at.
(() => {
  "use strict";
  const focusFirst = (...selectors) => {
    for (const selector of selectors) {
      const element = document.querySelector(selector);
      if (element) return element.focus();
    }
  };
  const services = ["#plan input[type=radio]:checked", "#plan input[type=radio]"];

  document.addEventListener("htmx:afterSettle", (event) => {
    const config = event.detail.requestConfig;
    if (!config) return;
    const by = config.triggeringEvent?.type;
    if (config.elt.id === "search" && by === "submit") {
      focusFirst("#found a", "#found input:not([type=hidden])", ...services);
    } else if (config.elt.id === "pick") {
      focusFirst("#confirm-button");
    } else if (config.elt.closest("#found")) {
      focusFirst(...services);
    }
  });
})();
