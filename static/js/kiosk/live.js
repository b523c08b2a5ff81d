// Keeps the board up to date: a stream tells that something changed, and the page fetches the board. It polls
// while the stream is down, shows a banner after a silence, and takes the time from the server. There is only
// one timer; other scripts use `kiosk:tick` (each second) and `kiosk:shown` (after a change).
(() => {
  "use strict";
  const POLL_MS = 15_000;
  const STALE_MS = 30_000;
  const SILENT_MS = 25_000; // the server repeats the version every 10 s
  const NAMES_MS = 30 * 60_000;
  const LONGEST_WAIT_MS = 30_000;
  const QUIET_MS = 30_000;
  const RENEW_WITHIN_MS = 2 * 60_000; // forty screens do not load a new release in the same second
  const LEAPT_MS = 30_000;
  const REVOKED_AGAIN_MS = 5000;
  const NIGHT_HOUR = 3;

  const body = document.body;
  const board = document.getElementById("board");
  const banner = document.getElementById("stale");
  const part = (name, root = board) => root.querySelector(`[data-part="${name}"]`);
  const state = () => part("state").dataset;
  const jitter = (ms) => ms * (0.5 + Math.random());
  // Milliseconds since the page was opened: these never jump, unlike the clock of a cheap computer.
  const ticks = () => performance.now();
  // The difference to the machine's clock: it jumps when the machine slept, or its clock was set.
  const wall = () => Date.now() - ticks();

  // The age of a page from the service worker is taken from the machine's clock. If that clock has gone
  // backwards, the time is unknown.
  const { keptAt, keptBy } = document.documentElement.dataset;
  const age = keptBy ? Date.now() - Number(keptBy) : 0;

  const kiosk = {
    lang: "fr",
    isOnline: !keptBy,
    isKept: Boolean(keptBy),
    knowsTime: age >= 0,
    lastTouch: ticks(),
    now: () => ticks() + offset,
    heardAt: () => (kiosk.knowsTime && !kiosk.isDayOver() ? clockOf(heardAt + offset) : dayAndClock(heardAt + offset)),
    isDayOver: () => !kiosk.knowsTime || dayOf(kiosk.now()) !== dayOf(Number(state().now)),
    focus,
    isOurs,
    isAccepted,
    isQuiet: () => isUntouched() && state().visited === undefined,
    openedAt: Number(keptAt ?? document.querySelector('[data-part="state"]').dataset.now), // by the server's clock
    load: () => load(),
    setLanguage,
  };
  window.kiosk = kiosk;

  const { release } = body.dataset;
  const openedAt = ticks();
  const nightMinute = Math.floor(Math.random() * 50);
  let offset = Number(keptAt ?? state().now) + Math.max(0, age) - ticks();
  let heardAt = ticks() - Math.max(0, age);
  let wallBefore = wall();
  let loading = null;
  let again = false;
  let loadAt = Infinity; // when to try again after a failure, or to poll
  let source = null;
  let sourceHeardAt = 0;
  let isTold = false; // this stream has sent something: a proxy may open a stream and then hold its events back
  let isBehind = false; // the stream was lost, and the server's clock has not been read since
  let connectAt = 0;
  let failures = 0;
  let isSpent = false;
  let renewAt = null; // when to load the newer release of the page that the server has told of
  let misses = 0; // failed requests for the board in a row
  let isHeldBack = false; // a message, or its end, is not shown yet
  let french = null; // the present board in French, the language in which everyone begins

  const timeZone = body.dataset.zone;
  const clockTime = { hour: "2-digit", minute: "2-digit", timeZone };
  const clock = new Intl.DateTimeFormat("fr-FR", clockTime);
  const date = new Intl.DateTimeFormat("fr-FR", { dateStyle: "short", timeZone });
  const clockOf = (ms) => clock.format(ms);
  const dayOf = (ms) => date.format(ms);

  function dayAndClock(ms) {
    const tongue = { fr: "fr-FR", en: "en-GB", ar: "ar-u-nu-latn" }[document.documentElement.lang];
    const words = { weekday: "long", day: "numeric", month: "long", ...clockTime };
    const parts = new Intl.DateTimeFormat(tongue, words).formatToParts(ms);
    const isFrench = document.documentElement.lang === "fr"; // where the first of a month is « 1er »
    return parts.map(({ type, value }) => (isFrench && type === "day" && value === "1" ? "1er" : value)).join("");
  }

  // ---- who answers ----

  // A portal or a proxy may answer 200, but only our server sends this header.
  function isOurs(response) {
    return response.headers.has("X-Permanence");
  }

  // 403: the page is too old to be allowed to post. It reloads once nobody is there.
  function isAccepted(response) {
    if (response.status === 403) isSpent = true;
    return response.ok && isOurs(response);
  }

  // ---- what is shown ----

  function show(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const focused = board.contains(document.activeElement) ? document.activeElement : null;
    isHeldBack = false;
    for (const next of fresh.content.querySelectorAll("[data-part]")) {
      const name = next.dataset.part;
      const old = part(name);
      if (!old || name === "clock" || name === "online") continue;
      // Compare with the HTML as received: other scripts may have changed the element since.
      const html = next.outerHTML;
      if ((old.asItCame ?? old.outerHTML) === html) continue;
      // A message moves what stands below it: it neither comes nor goes under somebody's finger.
      if (name === "notice" && next.dataset.notice !== old.dataset.notice && !isUntouched()) {
        isHeldBack = true;
        continue;
      }
      old.replaceWith(next);
      next.asItCame = html;
      if (name === "main") next.classList.add("fresh");
    }
    if (focused) focus(focused.id);
    const { lang, dir, colours } = state();
    Object.assign(document.documentElement, { lang, dir });
    const { dataset } = document.documentElement;
    dataset.colours = colours;
    delete dataset.keptAt;
    delete dataset.keptBy;
    kiosk.isKept = false;
    kiosk.knowsTime = true;
    document.dispatchEvent(new CustomEvent("kiosk:drawn"));
  }

  // Someone who uses a keyboard or a switch keeps their place; if it is gone, focus what can be done now.
  function focus(id) {
    if (document.activeElement !== body) return;
    const buttons = [document.getElementById(id), ...board.querySelectorAll(".main button"), ...board.querySelectorAll("button")];
    buttons.find((each) => each?.checkVisibility())?.focus();
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

  const ask = (lang) =>
    fetch(`${body.dataset.board}?lang=${lang}&${window.telling.told()}`, { cache: "no-store", signal: AbortSignal.timeout(8000) });

  async function fetchBoard() {
    const began = ticks();
    try {
      const response = await ask(kiosk.lang);
      // A kept page that has just been opened must not reload: it would do so again and again.
      const mayReload = began - openedAt > REVOKED_AGAIN_MS;
      if (response.status === 401 && isOurs(response) && mayReload) return location.reload();
      if (!isAccepted(response)) throw new Error(response.status);
      const html = await response.text();
      const ended = ticks();
      heard();
      show(html);
      isBehind = false;
      offset = Number(state().now) - (began + ended) / 2;
      misses = 0;
      document.dispatchEvent(new CustomEvent("kiosk:shown"));
      loadAt = source && isTold ? Infinity : ended + jitter(POLL_MS);
      keepFrench();
    } catch {
      misses += 1;
      loadAt = ticks() + jitter(Math.min(POLL_MS, 2000 * 2 ** Math.min(misses, 3)));
      if (french && kiosk.lang === "fr" && document.documentElement.lang !== "fr") show(french);
    }
  }

  // If the network fails while someone reads another language, the next person still gets the board in
  // French.
  async function keepFrench() {
    french = null;
    if (document.documentElement.lang === "fr") return;
    const { version } = state();
    const response = await ask("fr").catch(() => null);
    const text = response && isAccepted(response) ? await response.text().catch(() => null) : null;
    if (state().version === version) french = text;
  }

  // ---- the stream ----

  function connect() {
    connectAt = Infinity;
    sourceHeardAt = ticks();
    isTold = false;
    loadAt = Math.min(loadAt, ticks() + jitter(POLL_MS));
    source = new EventSource(`${body.dataset.stream}?${window.telling.told()}`);
    source.addEventListener("version", (event) => {
      const isFirst = !isTold;
      sourceHeardAt = ticks();
      isTold = true;
      failures = 0;
      if (isTrue(event.data)) {
        loadAt = Infinity;
        heard();
      } else if (misses === 0 || (isFirst && isBehind)) load();
    });
    source.addEventListener("error", lose);
  }

  function lose() {
    source?.close();
    source = null;
    isBehind = true;
    failures += 1;
    // After a restart of the server all screens lose their streams at once: each returns at a random moment.
    connectAt = ticks() + (failures === 1 ? 1000 + Math.random() * 19_000 : jitter(LONGEST_WAIT_MS / 2));
    // A revoked screen loses its stream too, and must find out within ten seconds.
    loadAt = Math.min(loadAt, ticks() + jitter(5000));
  }

  // ---- online or offline ----

  // A server that sends versions but no board does not count: the old board would look like the present one.
  const isTrue = (version) =>
    version === state().version && !kiosk.isKept && kiosk.knowsTime && !isBehind && !isDue();
  const isDue = () => kiosk.now() >= Number(state().changes);

  function heard() {
    heardAt = ticks();
    if (!kiosk.isOnline) setOnline(true);
  }

  // `data-lost`: what needs the server is not shown, but words in its place (board.css).
  function setOnline(isOnline) {
    kiosk.isOnline = isOnline;
    body.toggleAttribute("data-lost", !isOnline);
    document.dispatchEvent(new CustomEvent(isOnline ? "kiosk:online" : "kiosk:offline"));
  }

  function tellConnection(now) {
    const silent = now - heardAt;
    if ((silent > STALE_MS || !kiosk.knowsTime) && kiosk.isOnline) setOnline(false);
    const { online, offline, offlineLong } = state();
    const since = kiosk.heardAt();
    const text = kiosk.isOnline ? online : `${offline} ${since}`;
    const label = document.getElementById("online-text");
    if (label.textContent !== text) label.textContent = text;
    part("online").classList.toggle("lost", !kiosk.isOnline);
    const long = `${offlineLong} ${since}`;
    if (!kiosk.isOnline && banner.textContent !== long) banner.textContent = long;
    if (banner.hidden !== kiosk.isOnline) banner.hidden = kiosk.isOnline;
    hideNames(silent > NAMES_MS || !kiosk.knowsTime);
  }

  // Each name also has its own end, at which it is hidden without waiting for the server.
  function hideNames(all) {
    for (const name of board.querySelectorAll("[data-name]")) {
      const { name: text, until } = name.dataset;
      if ((all || kiosk.now() >= Number(until)) && name.textContent !== text) name.textContent = text;
    }
  }

  // After a jump of the clock only the server can tell whether the machine slept. Until it answers, the time
  // and the board count as unknown. A clock set back is no sleep, so `ticks` is still right.
  function noticeLeap(now) {
    const leapt = wall() - wallBefore;
    wallBefore += leapt;
    if (leapt < LEAPT_MS) return;
    kiosk.knowsTime = false;
    if (source) lose();
    loadAt = now;
  }

  // ---- each second ----

  function tick() {
    const now = ticks();
    noticeLeap(now);
    const time = kiosk.knowsTime ? clockOf(kiosk.now()) : "";
    const face = part("clock");
    if (face.textContent !== time) face.textContent = time;
    if (now >= connectAt) connect();
    if (source && now - sourceHeardAt > SILENT_MS) lose();
    if (now >= loadAt || (isDue() && misses === 0 && !loading)) {
      loadAt = now + jitter(POLL_MS);
      load();
    }
    tellConnection(now);
    rest(now);
    document.dispatchEvent(new CustomEvent("kiosk:tick"));
  }

  const isUntouched = () => ticks() - kiosk.lastTouch >= QUIET_MS && !document.querySelector("dialog[open]");

  // Done only while nobody is there: return to French, load a newer release of the page, reload at night. A visit
  // in the cabin ends first, except for a page that cannot post any more: whoever is there could not end it.
  function rest(now) {
    if (state().release !== release) renewAt ??= now + Math.random() * RENEW_WITHIN_MS;
    else renewAt = null;
    if (!isUntouched()) return;
    if (kiosk.lang !== "fr") return setLanguage("fr");
    if (isHeldBack && !loading) load();
    if (!kiosk.isOnline || now - openedAt < 5 * 60_000) return;
    const [hour, minute] = clockOf(kiosk.now()).split(":").map(Number);
    const isNight = hour === NIGHT_HOUR && minute >= nightMinute && now - openedAt > 3 * 3600_000;
    const isDueAnew = renewAt !== null && now >= renewAt && kiosk.isQuiet();
    if (isNight || isSpent || isDueAnew) location.reload();
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
  // Close the stream when the page is left, so that the server need not keep it.
  window.addEventListener("pagehide", () => source?.close());

  // The browser records each request in a list that nobody reads: keep that list empty.
  performance.setResourceTimingBufferSize(0);
  performance.clearResourceTimings();

  if (kiosk.isKept) {
    loadAt = 0;
    body.toggleAttribute("data-lost", true);
  }
  setInterval(tick, 1000);
  tick();
})();
