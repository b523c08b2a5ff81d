// The board keeps itself true: a stream says that something changed, the page fetches what. Polling while
// the stream is down, a banner when nothing has been heard, the time from the server.
// One timer, whatever happens: the others hear `kiosk:tick` (each second) and `kiosk:shown` (after a change).
(() => {
  "use strict";
  const POLL_MS = 15_000;
  const STALE_MS = 30_000;
  const SILENT_MS = 25_000; // the server repeats itself each 10 s
  const NAMES_MS = 30 * 60_000;
  const LONGEST_WAIT_MS = 30_000;
  const QUIET_MS = 30_000;
  const NIGHT_HOUR = 3;

  const body = document.body;
  const board = document.getElementById("board");
  const banner = document.getElementById("stale");
  const part = (name, root = board) => root.querySelector(`[data-part="${name}"]`);
  const state = () => part("state").dataset;
  const jitter = (ms) => ms * (0.5 + Math.random());
  // Never jumps, unlike the clock of a cheap computer.
  const ticks = () => performance.now();

  const kiosk = {
    lang: "fr",
    isOnline: true,
    lastTouch: ticks(),
    now: () => ticks() + offset,
    heardAt: () => clockOf(heardAt + offset),
    load: () => load(),
    setLanguage,
  };
  window.kiosk = kiosk;

  const release = state().release;
  const openedAt = ticks();
  const nightMinute = Math.floor(Math.random() * 50);
  let offset = Number(state().now) - ticks();
  let heardAt = ticks();
  let loading = null;
  let again = false;
  let loadAt = Infinity; // when to try anew after a failure, or to poll
  let source = null;
  let sourceHeardAt = 0;
  let connectAt = 0;
  let failures = 0;
  let clock = null;

  function clockOf(ms) {
    const zone = body.dataset.zone;
    clock ??= new Intl.DateTimeFormat("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: zone });
    return clock.format(new Date(ms));
  }

  // ---- what is shown ----

  function show(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const focused = document.activeElement?.id;
    let changed = false;
    for (const next of fresh.content.querySelectorAll("[data-part]")) {
      const name = next.dataset.part;
      const old = part(name);
      if (!old || name === "clock" || name === "online") continue;
      // As it came: what other scripts wrote into it since is theirs.
      const html = next.outerHTML;
      if ((old.asItCame ?? old.outerHTML) === html) continue;
      old.replaceWith(next);
      next.asItCame = html;
      if (name === "main") {
        changed = true;
        next.classList.add("fresh");
      }
    }
    if (focused && document.activeElement === body) document.getElementById(focused)?.focus();
    const { lang, dir, colours } = state();
    Object.assign(document.documentElement, { lang, dir });
    document.documentElement.dataset.colours = colours;
    document.dispatchEvent(new CustomEvent("kiosk:shown", { detail: { changed } }));
  }

  async function load() {
    if (loading) {
      again = true;
      return loading;
    }
    loading = fetchBoard().finally(() => {
      loading = null;
      if (again) {
        again = false;
        load();
      }
    });
    return loading;
  }

  async function fetchBoard() {
    const began = ticks();
    try {
      const response = await fetch(`${body.dataset.board}?lang=${kiosk.lang}`, {
        cache: "no-store",
        signal: AbortSignal.timeout(8000),
      });
      if (response.status === 401) return location.reload();
      if (!response.ok) throw new Error(response.status);
      const html = await response.text();
      const ended = ticks();
      heard();
      show(html);
      offset = Number(state().now) - (began + ended) / 2;
      loadAt = source && source.readyState === EventSource.OPEN ? Infinity : ended + jitter(POLL_MS);
    } catch {
      loadAt = ticks() + jitter(Math.min(POLL_MS, 2000 * 2 ** Math.min(failures, 3)));
    }
  }

  // ---- the stream ----

  function connect() {
    connectAt = Infinity;
    sourceHeardAt = ticks();
    source = new EventSource(body.dataset.stream);
    source.addEventListener("version", (event) => {
      heard();
      sourceHeardAt = ticks();
      failures = 0;
      loadAt = Infinity;
      if (event.data !== state().version) load();
    });
    source.addEventListener("error", lose);
  }

  function lose() {
    source?.close();
    source = null;
    failures += 1;
    // All screens lose a restarted server at once: each comes back at a moment of its own.
    connectAt = ticks() + (failures === 1 ? 1000 + Math.random() * 19_000 : jitter(LONGEST_WAIT_MS / 2));
    // A revoked screen loses its stream too, and must know within ten seconds.
    loadAt = Math.min(loadAt, ticks() + jitter(5000));
  }

  // ---- being heard, or not ----

  function heard() {
    heardAt = ticks();
    if (!kiosk.isOnline) {
      kiosk.isOnline = true;
      document.dispatchEvent(new CustomEvent("kiosk:online"));
    }
  }

  function tellConnection(now) {
    const silent = now - heardAt;
    if (silent > STALE_MS && kiosk.isOnline) {
      kiosk.isOnline = false;
      document.dispatchEvent(new CustomEvent("kiosk:offline"));
    }
    const { online, offline, offlineLong } = state();
    const since = kiosk.heardAt();
    const text = kiosk.isOnline ? online : `${offline} ${since}`;
    const label = document.getElementById("online-text");
    if (label.textContent !== text) label.textContent = text;
    part("online").classList.toggle("lost", !kiosk.isOnline);
    const long = `${offlineLong} ${since}`;
    if (!kiosk.isOnline && banner.textContent !== long) banner.textContent = long;
    if (banner.hidden !== kiosk.isOnline) banner.hidden = kiosk.isOnline;
    if (silent > NAMES_MS) hideNames();
  }

  function hideNames() {
    for (const name of board.querySelectorAll("[data-name]")) {
      if (name.textContent !== name.dataset.name) name.textContent = name.dataset.name;
    }
  }

  // ---- each second ----

  function tick() {
    const now = ticks();
    const time = clockOf(kiosk.now());
    const face = part("clock");
    if (face.textContent !== time) face.textContent = time;
    if (now >= connectAt) connect();
    if (source && now - sourceHeardAt > SILENT_MS) lose();
    if (now >= loadAt || (kiosk.now() >= Number(state().changes) && !loading)) {
      loadAt = now + jitter(POLL_MS);
      load();
    }
    tellConnection(now);
    rest(now);
    document.dispatchEvent(new CustomEvent("kiosk:tick"));
  }

  // What waits until nobody is there: French again, a newer edition of the page, the nightly reload.
  function rest(now) {
    if (now - kiosk.lastTouch < QUIET_MS || document.querySelector("dialog[open]")) return;
    if (kiosk.lang !== "fr") return setLanguage("fr");
    if (!kiosk.isOnline || now - openedAt < 5 * 60_000) return;
    const [hour, minute] = clockOf(kiosk.now()).split(":").map(Number);
    const isNight = hour === NIGHT_HOUR && minute >= nightMinute && now - openedAt > 3 * 3600_000;
    if (isNight || state().release !== release) location.reload();
  }

  function setLanguage(lang) {
    kiosk.lang = lang;
    return load();
  }

  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => (kiosk.lastTouch = ticks()), { passive: true });
  }
  document.addEventListener("visibilitychange", () => document.hidden || load());
  window.addEventListener("online", () => (connectAt = Math.min(connectAt, ticks() + jitter(1000))));
  // A page that goes away must not leave its stream to the server.
  window.addEventListener("pagehide", () => source?.close());

  // The browser notes each request, for nobody to read.
  performance.setResourceTimingBufferSize(0);
  performance.clearResourceTimings();

  setInterval(tick, 1000);
  tick();
})();
