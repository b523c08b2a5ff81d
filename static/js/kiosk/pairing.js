// Asks at once and every three seconds whether the code has been typed, or is no longer good. The asking is
// also what has the server know the code: a page that was only opened leaves no trace there.
(() => {
  "use strict";
  const { state } = document.body.dataset;
  let isFirst = true;

  async function ask() {
    try {
      const response = await fetch(state, { cache: "no-store", signal: AbortSignal.timeout(8000) });
      // Never right away: a browser that keeps no cookies would load without end.
      if (!isFirst && response.ok && (await response.json()).reload) return location.reload();
    } catch {
      // No network: the code stays on the wall, and the next turn asks again.
    }
    isFirst = false;
    setTimeout(ask, 3000);
  }
  ask();

  // What this machine kept as a paired screen is no longer true, nor anyone's to tell.
  async function forget() {
    localStorage.removeItem("permanence-arrivals");
    for (const name of await caches.keys()) {
      if (name.startsWith("permanence-")) await (await caches.open(name)).delete(location.pathname);
    }
  }
  if (window.caches) forget();
})();
