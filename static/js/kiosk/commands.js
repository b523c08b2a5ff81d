// What agents ask of this screen: reload, show its name, make its sound, show a message (which the server draws on
// the board). They stand on the board as it is fetched. Each is carried out once, when nobody is there, and told
// with the next request; it stands there until the server has noted that.
(() => {
  "use strict";
  const NAME_MS = 30_000;
  const RELOAD_WITHIN_MS = 3000; // several may be asked at once
  const KEPT = "permanence-commands";
  const name = document.getElementById("identify");
  const { kiosk, telling } = window;
  const state = () => document.querySelector('[data-part="state"]').dataset;
  let nameUntil = null;
  let reloadAt = null;

  // Those carried out before this page was loaded, by id. If storage is damaged or forbidden, none are known.
  function kept() {
    try {
      const ids = JSON.parse(sessionStorage.getItem(KEPT));
      return Array.isArray(ids) ? ids : [];
    } catch {
      return [];
    }
  }

  function keep(ids) {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(ids));
    } catch {
      // Told with the next request, if the page is not reloaded before.
    }
  }

  const isShown = (id) => document.querySelector("[data-notice]")?.dataset.notice === String(id);

  // Whether it is carried out by now, or was before.
  function carryOut({ id, kind, asked }) {
    if (kind === "message") return isShown(id);
    if (kind === "reload") {
      // The server drew this page after it was asked for: it is anew.
      if (!kiosk.isKept && kiosk.openedAt > asked) return true;
      if (kiosk.isQuiet()) reloadAt ??= performance.now() + Math.random() * RELOAD_WITHIN_MS;
      return false;
    }
    if (!kiosk.isQuiet()) return false;
    if (kind === "identify") show();
    else if (kind === "sound") window.chime();
    return true;
  }

  function obey() {
    const asked = JSON.parse(state().commands ?? "[]").filter(({ told }) => !told);
    telling.done.clear();
    if (!asked.some(({ kind }) => kind === "reload") || !kiosk.isQuiet()) reloadAt = null;
    if (asked.length === 0) return;
    const known = kept().filter((id) => asked.some((command) => command.id === id));
    for (const id of known) telling.done.add(id);
    if (!kiosk.isOnline) return;
    const carried = asked.filter((command) => !known.includes(command.id) && carryOut(command)).map(({ id }) => id);
    if (carried.length > 0) {
      for (const id of carried) telling.done.add(id);
      keep([...known, ...carried]);
      kiosk.load();
    } else if (reloadAt !== null && performance.now() >= reloadAt) {
      reloadAt = Infinity;
      location.reload();
    }
  }

  function show() {
    name.hidden = false;
    nameUntil = performance.now() + NAME_MS;
  }

  function hide() {
    name.hidden = true;
    nameUntil = null;
  }

  document.addEventListener("kiosk:tick", () => {
    if (nameUntil !== null && performance.now() >= nameUntil) hide();
    obey();
  });
  // Whoever touches the screen has its board at once.
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, (event) => {
      if (nameUntil === null) return;
      hide();
      event.preventDefault();
    });
  }
})();
