// Keeps « Ma journée » as last seen and says so when there is no network: it can be read, but nothing can be
// noted. At the commune's midnight and at log-out it is deleted, and no name is left.
(() => {
  "use strict";
  const NAME = "permanence-day";
  const root = document.documentElement;
  const main = document.getElementById("main");
  const { worker, page, day, zone } = main?.dataset ?? {};
  if (!worker || !navigator.serviceWorker || !("caches" in window)) return;
  const banner = document.getElementById("offline");
  const isKept = root.dataset.kept !== undefined;
  const loadedAt = Date.now();
  const keptAt = isKept ? Number(root.dataset.kept) : loadedAt;
  const until = isKept ? Number(root.dataset.until) : loadedAt + Number(main.dataset.msLeft);
  let seen = isKept ? root.dataset.seen : "";
  let isGone = false;

  // ---- what is kept ----

  /** « 09:30 » as a French sentence says it: « 9 h 30 », « 9 h ». */
  function inSentence(clock) {
    if (root.lang !== "fr") return clock;
    const [hour, minutes] = clock.split(":");
    return `${Number(hour)}\u00a0h${minutes === "00" ? "" : `\u00a0${minutes}`}`;
  }

  async function keep() {
    const now = Date.now();
    if (isGone || isKept || root.dataset.offline !== undefined || now >= until) return;
    const clock = { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: zone };
    seen = inSentence(new Intl.DateTimeFormat(root.lang, clock).format(Number(main.dataset.nowMs) + now - loadedAt));
    const copy = root.cloneNode(true);
    Object.assign(copy.dataset, { kept: now, until, seen });
    copy.querySelector("title").textContent = root.dataset.title ?? document.title; // without who has arrived (signals.js)
    for (const fleeting of copy.querySelectorAll(".messages, #help-calls > *, #provider-alarm > *")) fleeting.remove();
    const headers = {
      "Content-Type": "text/html; charset=utf-8",
      "X-Agent": document.body.dataset.agent,
      "X-Erased": document.body.dataset.erased,
      "X-Day": day,
      "X-Kept": now,
      "X-Until": until,
    };
    const cache = await caches.open(NAME);
    await cache.put(page, new Response(`<!doctype html>${copy.outerHTML}`, { headers }));
    await keepFiles(cache);
    if (isGone) await caches.delete(NAME);
  }

  const keepIfItMay = () => keep().catch(() => {}); // a private window, or a full disk

  async function keepFiles(cache) {
    const used = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
    const files = new Set(used.filter((url) => /\.(css|js|svg|woff2)$/.test(url.pathname)).map((url) => url.pathname));
    for (const file of files) {
      if (file !== worker && !(await cache.match(file))) await cache.add(file).catch(() => {});
    }
  }

  // ---- with and without network ----

  const buttons = () => main.querySelectorAll("#my-day button");
  const links = () => main.querySelectorAll('a[href]:not([href^="tel:"])');

  function lose() {
    if (isGone) return;
    root.dataset.offline = "";
    banner.textContent = banner.dataset.text.replace("{time}", seen);
    banner.hidden = false;
    for (const button of buttons()) button.disabled = true;
    for (const link of links()) link.setAttribute("aria-disabled", "true");
    look();
  }

  function find() {
    if (isKept) {
      if (!isGone) location.reload();
      return;
    }
    delete root.dataset.offline;
    banner.hidden = true;
    for (const button of buttons()) button.disabled = false;
    for (const link of links()) link.removeAttribute("aria-disabled");
    setTimeout(keepIfItMay, 100);
  }

  const ask = () => document.body.dispatchEvent(new CustomEvent("permanence:changed"));

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (elt.id !== "my-day" || isGone) return;
    if (xhr.status === 0) lose();
    // An answer from before the network was lost does not count as its return.
    else if (event.detail.successful && navigator.onLine && !xhr.getResponseHeader("HX-Redirect")) find();
  });
  window.addEventListener("offline", lose);
  window.addEventListener("online", ask);

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("main a[aria-disabled=true]");
      if (!link) return;
      event.preventDefault();
      banner.scrollIntoView({ block: "center" });
    },
    true,
  );

  // ---- deletion ----

  function blank(text) {
    isGone = true;
    const said = document.createElement("p");
    said.className = "notice warning";
    said.setAttribute("role", "status");
    said.textContent = text;
    main.replaceChildren(said);
  }

  async function look() {
    const now = Date.now();
    if (now < until && now >= keptAt) return;
    await caches.delete(NAME);
    if (root.dataset.offline !== undefined && !isGone) blank(banner.dataset.over);
  }

  document.addEventListener("permanence:forget", () => {
    isGone = true;
    if (root.dataset.offline !== undefined) blank(banner.dataset.out);
  });
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
  // The browser may show this page again from its memory. After a log-out it must show nothing.
  window.addEventListener("pageshow", async (event) => {
    if (!event.persisted) return;
    if (await caches.has(NAME)) ask();
    else location.reload();
  });

  navigator.serviceWorker.register(worker, { scope: page }).catch(() => {});
  if (isKept) {
    lose();
    ask();
  } else keepIfItMay();
})();
