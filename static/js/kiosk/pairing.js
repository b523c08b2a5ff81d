// Asks at once and every three seconds whether the code has been typed or has expired. Only this request
// makes the server store the code: a page that was merely opened leaves nothing there.
(() => {
  "use strict";
  const { state } = document.body.dataset;
  let isFirst = true;

  async function ask() {
    try {
      const response = await fetch(state, { cache: "no-store", signal: AbortSignal.timeout(8000) });
      // Not after the first request: a browser without cookies would reload without end.
      if (!isFirst && response.ok && (await response.json()).reload) return location.reload();
    } catch {
      // No network: the code stays shown, and the next request tries again.
    }
    isFirst = false;
    setTimeout(ask, 3000);
  }
  ask();

  // Delete what this machine kept as a paired screen: it is outdated and must not be shown.
  async function forget() {
    localStorage.removeItem("permanence-arrivals");
    for (const name of await caches.keys()) {
      if (name.startsWith("permanence-")) await (await caches.open(name)).delete(location.pathname);
    }
  }
  if (window.caches) forget();
})();
