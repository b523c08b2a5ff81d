// Tells a screen reader what has changed on the board: once, in the only live region of the page, and nothing at a
// refresh that changes nothing. What counts (the minutes late, the time left) is not announced each minute. A name
// is never said (read_aloud.js). What was said goes after some seconds, and at once when the language changes: it would
// be found there later, when it is no longer so, or read with the voice of another language.
(() => {
  "use strict";
  const SAID_MS = 10_000;
  const told = document.getElementById("told");
  const banner = document.getElementById("stale");
  let before = null;
  let saidAt = 0;
  let wasLost = !banner.hidden;

  const textOf = (part, uncounted) =>
    window.readAloud
      .partsOf(...[...part.querySelectorAll("p")].filter((text) => !text.matches(uncounted)))
      .map(({ text }) => text)
      .join(" ");

  function read() {
    const parts = [...document.querySelectorAll(".notice:not([hidden]), .now :is(.help-notice, .card)")];
    const cards = parts.map((part) => {
      const { state = "", call = "" } = part.dataset;
      const uncounted = state === "late" ? ".left, .label" : ".left";
      return { key: `${call} ${state} ${textOf(part, uncounted)}`, text: textOf(part, ".left") };
    });
    return { lang: document.documentElement.lang, cards };
  }

  function say(text) {
    if (!text) return;
    saidAt = performance.now();
    if (told.textContent !== text) told.textContent = text;
  }

  function forget() {
    if (told.textContent) told.textContent = "";
  }

  function tellChanges() {
    const now = read();
    const known = new Set(before.cards.map(({ key }) => key));
    const news = now.cards.filter(({ key }) => !known.has(key));
    // Who chooses a language has the whole board anew: nothing of it has changed.
    if (now.lang === before.lang) say(news.map(({ text }) => text).join(" "));
    else forget();
    before = now;
  }

  // The banner is told of when it comes; that it goes, by what is said at its place.
  function tellConnection() {
    if (performance.now() - saidAt > SAID_MS) forget();
    const isLost = !banner.hidden;
    if (isLost === wasLost) return;
    wasLost = isLost;
    say(isLost ? banner.textContent : document.querySelector('[data-part="state"]').dataset.online);
  }

  before = read();
  document.addEventListener("kiosk:drawn", tellChanges);
  document.addEventListener("kiosk:tick", tellConnection);
})();
