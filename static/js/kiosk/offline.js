// Without network: the page is kept (without names), the board follows the day's plan, and arrivals are
// stored and reported, with their time, once the network is back.
(() => {
  "use strict";
  const QUEUE = "permanence-arrivals";
  const LINES = 5;
  const UNDO_S = 30;
  const LOCKED_MS = 10 * 60_000;
  const body = document.body;
  const board = document.getElementById("board");
  const part = (name) => board.querySelector(`[data-part="${name}"]`);
  let telling = []; // the keys of the arrivals being reported
  let tellAt = 0;

  // If storage is damaged or forbidden, it counts as empty.
  function read() {
    try {
      const queue = JSON.parse(localStorage.getItem(QUEUE));
      return Array.isArray(queue) ? queue : [];
    } catch {
      return [];
    }
  }

  function write(queue) {
    try {
      localStorage.setItem(QUEUE, JSON.stringify(queue));
      return true;
    } catch {
      return false;
    }
  }

  // ---- arrivals ----

  function keep(form) {
    const entry = { key: crypto.getRandomValues(new Uint32Array(4)).join("-"), at: Math.round(window.kiosk.now()) };
    // If the time is unknown, store how long ago it was: it can be computed later, while the page stays open.
    if (!window.kiosk.knowsTime) Object.assign(entry, { ticks: performance.now(), page: performance.timeOrigin });
    const number = (form.get("number") ?? "").replace(/\D/g, "");
    if (number.length === 6) entry.number = number;
    else if (form.get("who")) entry.who = form.get("who");
    else return null;
    const queue = read();
    const isSame = (other) => (entry.number && other.number === entry.number) || (entry.who && other.who === entry.who);
    const same = queue.find((other) => isSame(other) && !other.undone);
    const others = queue.filter((other) => !isSame(other));
    return same ?? (write([...others, entry]) ? entry : null);
  }

  // The server may have noted the arrival although its answer was lost, so the undoing is reported too.
  function takeBack(key) {
    const queue = read();
    const isHere = !telling.includes(key) && queue.some((entry) => entry.key === key);
    const isDone = isHere && write(queue.map((entry) => (entry.key === key ? { ...entry, undone: true } : entry)));
    const { offlineUndone, offlineUndoneLater, offlineTooLate } = part("state").dataset;
    if (isDone) draw(offlineUndone, element("p", { textContent: offlineUndoneLater }));
    else draw(offlineTooLate);
  }

  const dated = ({ ticks, page, ...entry }) =>
    page === performance.timeOrigin ? { ...entry, at: Math.round(window.kiosk.now() - performance.now() + ticks) } : entry;

  async function tell() {
    const queue = read();
    if (telling.length > 0 || queue.length === 0 || performance.now() < tellAt) return;
    telling = queue.map((entry) => entry.key);
    try {
      const response = await fetch(body.dataset.arrivals, {
        method: "POST",
        body: JSON.stringify(queue.map(dated)),
        headers: { "X-CSRFToken": body.dataset.csrf, "Content-Type": "application/json" },
        signal: AbortSignal.timeout(15_000),
      });
      if (!window.kiosk.isAccepted(response)) return;
      const told = await response.json();
      const isRefused = (entry) => told[entry.key] === "appointment_number_too_many";
      // After too many wrong numbers, an earlier attempt would be refused again.
      if (queue.some(isRefused)) tellAt = performance.now() + LOCKED_MS;
      write(read().filter((entry) => !(entry.key in told) || isRefused(entry)));
      window.kiosk.load();
    } catch {
      // Still no network: reported the next time it is back.
    } finally {
      telling = [];
    }
  }

  function sayWhatHappens(event) {
    const { from, form, isSent } = event.detail;
    if (!from) return; // nobody pressed a button
    const state = part("state").dataset;
    if (from.dataset.open === body.dataset.help) {
      if (isCalled()) return close();
      const unanswered = document.createElement("div");
      unanswered.append(document.getElementById("unanswered").content.cloneNode(true));
      draw(state.offlineHelp, unanswered.querySelector(".help-phone") ?? "");
      document.querySelector("#sheet .sheet-body").dataset.notCalled = "";
      return undefined;
    }
    const kept = form && from.hasAttribute("data-arrival") ? keep(form) : null;
    if (!kept && isSent) {
      const then = element("p", { textContent: state.offlineUnansweredThen });
      return draw(state.offlineUnanswered, then, again(state.offlineAgain));
    }
    if (!kept) return draw(state.offlineSorry);
    const undo = element("div", { className: "undo" });
    undo.dataset.undo = UNDO_S;
    const button = element("button", { className: "plain-button", textContent: `${state.offlineUndo} ` });
    button.dataset.takeBack = kept.key;
    const seconds = element("span", { textContent: UNDO_S });
    seconds.dataset.seconds = "";
    seconds.setAttribute("aria-hidden", "true");
    button.append(seconds);
    undo.append(button);
    // A number cannot be checked here: nothing follows if it is wrong.
    const textContent = kept.number ? state.offlineKeptNumber : state.offlineKeptThen;
    draw(state.offlineKept, element("p", { textContent }), undo);
  }

  // Only the answer was lost: the board, which is heard again, says that the agents know.
  const isCalled = () => board.querySelector('[data-call="open"]') !== null;
  const close = () => document.dispatchEvent(new CustomEvent("kiosk:draw", { detail: "<div data-sheet-close></div>" }));

  function callTold() {
    if (document.querySelector("#sheet [data-not-called]") && isCalled()) close();
  }

  // What was sent may have reached the server: sent again, it counts once (sheets.js).
  function again(textContent) {
    const button = element("button", { className: "plain-button", textContent });
    button.dataset.again = "";
    return button;
  }

  const element = (name, properties) => Object.assign(document.createElement(name), properties);

  function draw(text, words = "", more = "") {
    const sheet = element("div", { className: "sheet-body" });
    const actions = element("div", { className: "actions" });
    const understood = part("state").dataset.offlineOk;
    const button = element("button", { className: "main-button", textContent: understood, autofocus: true });
    button.dataset.close = "";
    actions.append(button, more);
    sheet.append(element("h2", { textContent: text }), words, actions);
    document.dispatchEvent(new CustomEvent("kiosk:draw", { detail: sheet.outerHTML }));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take-back]");
    if (button) takeBack(button.dataset.takeBack);
  });

  // Remove what was written over the board meanwhile, even if the server has nothing new to show.
  function drawAnew() {
    part("main").asItCame = "";
    window.kiosk.load();
  }

  document.addEventListener("kiosk:unsent", sayWhatHappens);
  document.addEventListener("kiosk:online", tell);
  document.addEventListener("kiosk:online", drawAnew);
  document.addEventListener("kiosk:shown", tell);
  document.addEventListener("kiosk:shown", callTold);

  // ---- the day by its plan ----

  function followPlan() {
    const main = part("main");
    const now = window.kiosk.now();
    giveUpCall(main, now);
    const plan = main.querySelector("[data-plan]");
    if (!plan || window.kiosk.isOnline) return;
    const isOver = window.kiosk.isDayOver();
    callOld(main, isOver);
    const items = isOver ? [] : [...plan.content.children];
    const next = items.filter((item) => Number(item.dataset.until) > now).slice(0, LINES);
    const shown = next.map((item) => item.dataset.at).join();
    if (main.dataset.planned === shown) return;
    main.dataset.planned = shown;
    const list = main.querySelector(".later ul");
    const none = document.getElementById("nothing-known").content;
    list.replaceChildren(...(next.length > 0 ? next : [...none.children]).map((item) => item.cloneNode(true)));
  }

  // The cabin may be free, taken or closed by now, so the card says what it was when the screen last heard of it;
  // promises of the present go. On another day it shows no state.
  function callOld(main, isOver) {
    const { offlineLong } = part("state").dataset;
    const heard = window.kiosk.heardAt();
    const gone = isOver ? ".at, .name, .with, .delay, .left" : "[data-passes]";
    main.querySelector('[data-call="answered"]')?.remove();
    for (const card of main.querySelectorAll(`.card:not([data-old="${isOver}"])`)) {
      card.dataset.old = isOver;
      const was = card.dataset.was?.replace("{heard}", window.readAloud.inSentence(heard));
      card.querySelector(".label").textContent = isOver || !was ? `${offlineLong} ${heard}` : was;
      for (const each of card.querySelectorAll(gone)) each.remove();
    }
  }

  // Nobody has answered the call in time, whether or not the server can be asked.
  function giveUpCall(main, now) {
    const call = main.querySelector("[data-unanswered-at]");
    if (!call || now < Number(call.dataset.unansweredAt)) return;
    delete call.dataset.unansweredAt;
    call.dataset.call = "late";
    for (const line of call.querySelectorAll(":scope > p")) line.remove();
    call.prepend(document.getElementById("unanswered").content.cloneNode(true));
  }

  document.addEventListener("kiosk:tick", followPlan);
  document.addEventListener("kiosk:offline", () => {
    const had = board.contains(document.activeElement) ? document.activeElement : null;
    followPlan();
    // What needs the server is no longer shown (board.css).
    if (had && !(had.isConnected && had.checkVisibility())) {
      had.blur();
      window.kiosk.focus();
    }
  });
  followPlan(); // a kept page shows from the start what it does not know

  // ---- the page itself ----

  const worker = navigator.serviceWorker;
  if (worker) {
    holdOn();
    document.addEventListener("kiosk:shown", () => setTimeout(keepPage));
    worker.addEventListener("controllerchange", keepPage);
    keepPage();
  }

  // A page opened while the worker starts is not controlled by it, so it asks the worker to claim it. If the
  // network fails, or a portal answers instead of the server, try again.
  function holdOn() {
    const later = () => setTimeout(holdOn, 10_000);
    worker
      .register(body.dataset.worker, { scope: body.dataset.page })
      .then(({ installing, active }) => {
        installing?.addEventListener("statechange", () => installing.state === "redundant" && later());
        if (!worker.controller) active?.postMessage("claim");
      })
      .catch(later);
  }

  async function keepPage() {
    // Keep only what the server has just sent, and in French, the language in which everyone begins.
    if (!window.kiosk.isOnline || document.documentElement.lang !== "fr") return;
    const page = document.documentElement.cloneNode(true);
    Object.assign(page.dataset, { keptAt: Math.round(window.kiosk.now()), keptBy: Date.now() });
    for (const name of page.querySelectorAll("[data-name]")) name.textContent = name.dataset.name;
    const sheet = page.querySelector("#sheet");
    sheet.replaceChildren();
    sheet.removeAttribute("open");
    // Only in the cache that holds the files of this release.
    const beside = `permanence-${body.dataset.release}`;
    if (!(await caches.has(beside))) return;
    const cache = await caches.open(beside);
    await cache.put(
      body.dataset.page,
      new Response(`<!doctype html>${page.outerHTML}`, {
        headers: { "Content-Type": "text/html; charset=utf-8", "X-Kept": "1" },
      }),
    );
  }
})();
