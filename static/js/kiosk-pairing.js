// Asks every three seconds whether the code has been typed, or is no longer good.
(() => {
  "use strict";
  const { state, retry } = document.body.dataset;
  const later = () => setTimeout(ask, retry ? Number(retry) * 1000 : 3000);

  async function ask() {
    if (retry) return location.reload();
    try {
      const response = await fetch(state, { cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (response.ok && (await response.json()).reload) return location.reload();
    } catch {
      // No network: the code stays on the wall, and the next turn asks again.
    }
    later();
  }
  later();

  // What this machine kept as a paired screen is no longer true, nor anyone's to tell.
  async function forget() {
    localStorage.removeItem("permanence-arrivals");
    for (const name of await caches.keys()) {
      if (name.startsWith("permanence-")) await (await caches.open(name)).delete(location.pathname);
    }
  }
  if (window.caches) forget();
})();
