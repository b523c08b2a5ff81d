// What the screen answers to a touch: a sheet over the board, drawn by the server. All listeners are on the
// document, so that their number never grows.
(() => {
  "use strict";
  const IDLE_S = 45;
  const sheet = document.getElementById("sheet");
  const body = document.body;
  let undoLeft = null;
  let idleLeft = null;
  let busy = false;
  let openedBy = null;

  const address = (url) => {
    const full = new URL(url, location.href);
    full.searchParams.set("lang", window.kiosk.lang);
    return full;
  };

  // `pressed` is the button that is shown as busy while the network is slow.
  async function ask(url, { method = "GET", form = null, from = null, pressed = from } = {}) {
    if (busy) return;
    busy = true;
    sheet.setAttribute("aria-busy", "true");
    pressed?.setAttribute("aria-busy", "true");
    if (!sheet.open) openedBy = from?.id;
    try {
      const response = await fetch(address(url), {
        method,
        body: form,
        headers: method === "POST" ? { "X-CSRFToken": body.dataset.csrf } : {},
        cache: "no-store",
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status === 401 && window.kiosk.isOurs(response)) return location.reload();
      if (!window.kiosk.isAccepted(response)) throw new Error(response.status);
      draw(await response.text());
    } catch {
      const kept = new CustomEvent("kiosk:unsent", { detail: { from, form }, cancelable: true });
      document.dispatchEvent(kept);
    } finally {
      busy = false;
      sheet.removeAttribute("aria-busy");
      pressed?.removeAttribute("aria-busy");
    }
    if (method === "POST") window.kiosk.load();
  }

  function draw(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    // The server never sends back what was keyed. If it must be corrected, it is kept here.
    const keyed = sheet.querySelector("[data-keep]")?.value;
    sheet.replaceChildren(fresh.content);
    const again = sheet.querySelector("[data-keep][aria-invalid]");
    if (again && keyed) again.value = keyed;
    if (sheet.querySelector("[data-sheet-close]")) return close();
    sheet.lang = document.documentElement.lang;
    // A screen reader announces this title first.
    const title = sheet.querySelector("h2");
    if (title) title.id = "sheet-title";
    const shown = sheet.querySelector(".sheet-body");
    idleLeft = Number(shown?.dataset.idle ?? IDLE_S);
    const undo = sheet.querySelector("[data-undo]");
    undoLeft = undo ? Number(undo.dataset.undo) : null;
    if (!sheet.open) sheet.showModal();
    focusInside();
    document.dispatchEvent(new CustomEvent("kiosk:sheet"));
  }

  // What has just been pressed is gone: the focus goes where the sheet wants it, or to its title.
  function focusInside() {
    const title = sheet.querySelector("h2");
    if (title) title.tabIndex = -1;
    (sheet.querySelector("[autofocus]") ?? title ?? sheet.querySelector("button"))?.focus();
  }

  function close() {
    undoLeft = idleLeft = null;
    if (sheet.open) sheet.close();
    sheet.replaceChildren();
    // If the button that opened the sheet has been replaced meanwhile, the browser cannot return the focus to
    // it.
    if (openedBy) window.kiosk.focus(openedBy);
  }

  function key(pressed) {
    const input = sheet.querySelector("[data-digits]");
    const digits = input.value.replace(/\D/g, "");
    write(input, pressed === "back" ? digits.slice(0, -1) : digits + pressed);
  }

  // « 482 913 », « 06 39 98 12 34 »: digits in groups.
  function write(input, text) {
    const digits = text.replace(/\D/g, "").slice(0, Number(input.dataset.digits));
    input.value = digits.match(new RegExp(`.{1,${input.dataset.group}}`, "g"))?.join(" ") ?? "";
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { open, post, method, key: pressed, lang } = button.dataset;
    if (pressed) key(pressed);
    else if (open) ask(open, { method: method?.toUpperCase() ?? "GET", from: button });
    else if (post) ask(post, { method: "POST", from: button });
    else if (lang) {
      close();
      window.kiosk.setLanguage(lang);
    } else if ("close" in button.dataset) close();
  });

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const pressed = event.submitter ?? undefined;
    ask(form.action, { method: "POST", form: new FormData(form, event.submitter), from: form, pressed });
  });

  document.addEventListener("input", (event) => {
    if ("digits" in event.target.dataset) write(event.target, event.target.value);
  });

  sheet.addEventListener("close", close);
  document.addEventListener("kiosk:draw", (event) => draw(event.detail));

  function countUndo() {
    if (undoLeft === null) return;
    undoLeft -= 1;
    const form = sheet.querySelector("[data-undo]");
    if (undoLeft <= 0) {
      undoLeft = null;
      const hadFocus = form?.contains(document.activeElement);
      form?.remove();
      if (hadFocus) focusInside();
    } else if (form) form.querySelector("[data-seconds]").textContent = undoLeft;
  }

  // When someone walks away, close the sheet so that the next person sees the board.
  function countIdle() {
    if (idleLeft === null || !sheet.open) return;
    const untouched = (performance.now() - window.kiosk.lastTouch) / 1000;
    if (untouched >= idleLeft) close();
  }

  // Show a resident who is alone in the cabin how much time is left.
  function countLeft() {
    const left = document.querySelector("[data-left]");
    const state = document.querySelector('[data-part="state"]').dataset;
    if (left) {
      const minutes = Math.ceil((Number(left.dataset.left) - window.kiosk.now()) / 60_000);
      const { leftMany, leftOne, leftOver } = left.dataset;
      const text = minutes > 1 ? leftMany.replace("{n}", minutes) : minutes === 1 ? leftOne : leftOver;
      if (left.textContent !== text) left.textContent = text;
    }
    if (state.autoEnd && window.kiosk.isOnline && window.kiosk.now() >= Number(state.autoEnd)) {
      delete state.autoEnd;
      const form = new FormData();
      form.set("auto", "1");
      if (!sheet.open) ask(state.end, { method: "POST", form });
    }
  }

  document.addEventListener("kiosk:tick", () => {
    countUndo();
    countIdle();
    countLeft();
  });
})();
