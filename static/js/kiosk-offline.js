// Without network: the page is kept (without a name), the day goes on by its plan, arrivals are written down
// and told once the network is back, with the time they were made.
(() => {
  "use strict";
  const QUEUE = "permanence-arrivals";
  const LINES = 5;
  const body = document.body;
  const board = document.getElementById("board");
  const part = (name) => board.querySelector(`[data-part="${name}"]`);
  let telling = false;

  const read = () => JSON.parse(localStorage.getItem(QUEUE) ?? "[]");
  const write = (queue) => localStorage.setItem(QUEUE, JSON.stringify(queue));

  // ---- arrivals ----

  function keep(form) {
    const entry = { key: crypto.randomUUID(), at: Math.round(window.kiosk.now()) };
    const number = (form.get("number") ?? "").replace(/\D/g, "");
    if (number.length === 6) entry.number = number;
    else if (form.get("who")) entry.who = form.get("who");
    else return false;
    const queue = read();
    const same = queue.some((other) => (entry.number && other.number === entry.number) || (entry.who && other.who === entry.who));
    if (!same) write([...queue, entry]);
    return true;
  }

  async function tell() {
    const queue = read();
    if (telling || queue.length === 0) return;
    telling = true;
    try {
      const response = await fetch(body.dataset.arrivals, {
        method: "POST",
        body: JSON.stringify(queue),
        headers: { "X-CSRFToken": body.dataset.csrf, "Content-Type": "application/json" },
        signal: AbortSignal.timeout(15_000),
      });
      if (!response.ok) return;
      const told = await response.json();
      const again = (entry) => !(entry.key in told) || told[entry.key] === "appointment_number_too_many";
      write(read().filter(again));
      window.kiosk.load();
    } catch {
      // Still no network: the next time it is back.
    } finally {
      telling = false;
    }
  }

  function sayWhatHappens(event) {
    const { from, form } = event.detail;
    const state = part("state").dataset;
    const kept = form && from?.hasAttribute?.("data-arrival") && keep(form);
    const text = kept ? state.offlineKept : state.offlineSorry;
    const sheet = document.createElement("div");
    sheet.className = "sheet-body";
    sheet.setAttribute("role", "status");
    const title = document.createElement("h2");
    title.textContent = text;
    const actions = document.createElement("div");
    actions.className = "actions";
    const button = document.createElement("button");
    Object.assign(button, { className: "go", textContent: "OK", autofocus: true });
    button.dataset.close = "";
    actions.append(button);
    sheet.append(title, actions);
    document.dispatchEvent(new CustomEvent("kiosk:draw", { detail: sheet.outerHTML }));
  }

  // What was written over the board meanwhile goes, even when the server has nothing new to say.
  function drawAnew() {
    part("main").asItCame = "";
    window.kiosk.load();
  }

  document.addEventListener("kiosk:unsent", sayWhatHappens);
  document.addEventListener("kiosk:online", tell);
  document.addEventListener("kiosk:online", drawAnew);
  document.addEventListener("kiosk:shown", tell);

  // ---- the day by its plan ----

  function followPlan() {
    const main = part("main");
    const plan = main?.querySelector("[data-plan]");
    if (!plan || window.kiosk.isOnline) return;
    const now = window.kiosk.now();
    if (now >= Number(part("state").dataset.changes)) callOld(main);
    const items = [...plan.content.children];
    const next = items.filter((item) => Number(item.dataset.until) > now).slice(0, LINES);
    const shown = next.map((item) => item.dataset.at).join();
    if (main.dataset.planned === shown) return;
    main.dataset.planned = shown;
    const list = main.querySelector(".later ul");
    if (next.length > 0) list.replaceChildren(...next.map((item) => item.cloneNode(true)));
  }
  // By now the cabin may be free, taken or closed: what the card says is said to be what was known last.
  function callOld(main) {
    const known = `${part("state").dataset.offlineKnown} ${window.kiosk.heardAt()}`;
    for (const card of main.querySelectorAll(".card:not([data-old])")) {
      card.dataset.old = "";
      card.querySelector(".label").textContent = known;
    }
  }

  document.addEventListener("kiosk:tick", followPlan);
  document.addEventListener("kiosk:offline", followPlan);

  // ---- the page itself ----

  const worker = navigator.serviceWorker;
  if (worker) {
    holdOn();
    document.addEventListener("kiosk:shown", () => setTimeout(keepPage));
    keepPage();
  }

  // A page that opens while the worker starts is not held by it: it asks. A network that fails is asked again.
  function holdOn() {
    worker
      .register(body.dataset.worker, { scope: body.dataset.page })
      .then(() => worker.ready)
      .then((registration) => worker.controller ?? registration.active.postMessage("claim"))
      .catch(() => setTimeout(holdOn, 10_000));
  }

  async function keepPage() {
    const page = document.documentElement.cloneNode(true);
    for (const name of page.querySelectorAll("[data-name]")) name.textContent = name.dataset.name;
    const sheet = page.querySelector("#sheet");
    sheet.replaceChildren();
    sheet.removeAttribute("open");
    const keys = await caches.keys();
    const current = keys.find((key) => key.startsWith("permanence-"));
    if (!current) return;
    const cache = await caches.open(current);
    await cache.put(
      body.dataset.page,
      new Response(`<!doctype html>${page.outerHTML}`, {
        headers: { "Content-Type": "text/html; charset=utf-8", "X-Kept": "1" },
      }),
    );
  }
})();
