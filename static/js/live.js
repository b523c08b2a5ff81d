// Tells a page that something has changed at the commune's sites, so that it fetches itself (or a part)
// again:
//
// <section hx-get="{% url 'today' %}" hx-trigger="permanence:changed from:body" hx-swap="outerHTML">
//
// It dispatches `permanence:changed` on <body>; detail.sites has the ids of the changed sites. base.html
// loads it for every agent, with data-live (the stream) and data-live-state (the same by one request) on
// <body>. Only a visible page keeps a stream open, since browsers allow six connections to a host and a desk
// has many tabs. A page that becomes visible again compares versions, so it misses no change.
(() => {
  "use strict";
  const { live, liveState } = document.body.dataset;
  if (!live) return;
  const POLL_MS = 15_000;
  const SILENT_MS = 25_000;
  const jitter = (ms) => ms * (0.5 + Math.random());
  let known = null;
  let source = null;
  let heardAt = 0;
  let failures = 0;
  let connectAt = 0;
  let pollAt = Infinity;

  function compare(versions) {
    const changed = known && Object.keys(versions).filter((site) => versions[site] !== known[site]);
    known = { ...known, ...versions };
    if (changed?.length) {
      const detail = { sites: changed.map(Number) };
      document.body.dispatchEvent(new CustomEvent("permanence:changed", { detail, bubbles: true }));
    }
  }

  function connect() {
    connectAt = Infinity;
    heardAt = performance.now();
    source = new EventSource(live);
    source.addEventListener("version", (event) => {
      heardAt = performance.now();
      failures = 0;
      pollAt = Infinity;
      compare(JSON.parse(event.data));
    });
    source.addEventListener("error", () => lose());
  }

  function lose() {
    source?.close();
    source = null;
    failures += 1;
    connectAt = performance.now() + jitter(Math.min(30_000, 1000 * 2 ** Math.min(failures, 5)));
    pollAt = Math.min(pollAt, performance.now() + jitter(POLL_MS));
  }

  async function poll() {
    pollAt = performance.now() + jitter(POLL_MS);
    try {
      const response = await fetch(liveState, { cache: "no-store", redirect: "error" });
      if (response.ok) compare(await response.json());
    } catch {
      // No network, or logged out: the page says so when the agent uses it.
    }
  }

  function tick() {
    const now = performance.now();
    if (document.hidden) {
      if (source) {
        source.close();
        source = null;
      }
      connectAt = 0;
      pollAt = Infinity;
      return;
    }
    if (!source && now >= connectAt) connect();
    if (source && now - heardAt > SILENT_MS) lose();
    if (now >= pollAt) poll();
  }

  document.addEventListener("visibilitychange", tick);
  window.addEventListener("pagehide", () => source?.close());
  setInterval(tick, 1000);
  tick();
})();
