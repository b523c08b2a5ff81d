// Deletes the day that a helper's phone keeps for use without network (my_day.js): at log-out, when
// nobody or someone else is logged in, when the day is over, and when a resident was erased since it was
// kept. Every page loads this, the login page too.
(() => {
  "use strict";
  const NAME = "permanence-day";
  if (!("caches" in window)) return;

  async function look() {
    if (!(await caches.has(NAME))) return;
    const kept = await (await caches.open(NAME)).matchAll();
    const page = kept.find((each) => each.headers.has("X-Agent"));
    if (!page) return;
    const { agent, erased } = document.body.dataset;
    const isMine = page.headers.get("X-Agent") === agent && page.headers.get("X-Erased") === erased;
    if (!isMine || Date.now() >= Number(page.headers.get("X-Until"))) await caches.delete(NAME);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-logout]") || event.defaultPrevented) return;
    event.preventDefault();
    try {
      document.dispatchEvent(new Event("permanence:forget"));
      await caches.delete(NAME);
    } finally {
      // Without network the log-out request would end on a browser error page; my_day.js shows a
      // notice.
      if (document.documentElement.dataset.offline === undefined) form.submit();
    }
  });

  look().catch(() => {}); // a private window keeps nothing
})();
