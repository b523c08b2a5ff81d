// What the screen answers to a touch: a sheet over the board, drawn by the server. All listeners are on the
// document, so that their number never grows.
(() => {
  "use strict";
  const IDLE_S = 45;
  const SAME_PRESS_MS = 2 * 60_000;
  const sheet = document.getElementById("sheet");
  const body = document.body;
  let undoLeft = null;
  let idleLeft = null;
  let busy = false;
  let openedBy = null;
  let unanswered = null; // what was sent last without an answer
  const presses = new Map(); // what was sent → the key of that press, until an answer arrives

  const address = (url) => {
    const full = new URL(url, location.href);
    full.searchParams.set("lang", window.kiosk.lang);
    return full;
  };

  // The same touch again, whose answer was lost, has the same key: the server counts it once.
  function keyOf(what) {
    const known = presses.get(what);
    if (known && performance.now() - known.at < SAME_PRESS_MS) return known.key;
    const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
    presses.set(what, { key, at: performance.now() });
    return key;
  }

  // `pressed` is the button that is shown as busy while the network is slow; `press` the key of the press, if it is
  // sent again.
  async function ask(url, { method = "GET", form = null, from = null, pressed = from, press = null } = {}) {
    if (busy) return;
    busy = true;
    sheet.setAttribute("aria-busy", "true");
    pressed?.setAttribute("aria-busy", "true");
    const wasOpen = sheet.open;
    if (!wasOpen) openedBy = from?.id;
    const isSent = method === "POST";
    const what = `${url}?${new URLSearchParams(form ?? [])}`;
    if (isSent) press ??= keyOf(what);
    try {
      const response = await fetch(address(url), {
        method,
        body: form,
        headers: isSent ? { "X-CSRFToken": body.dataset.csrf, "X-Press": press } : {},
        cache: "no-store",
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status === 401 && window.kiosk.isOurs(response)) return location.reload();
      if (!window.kiosk.isAccepted(response)) throw new Error(response.status);
      const html = await response.text();
      presses.delete(what);
      // Whoever has closed the sheet meanwhile has done with what they asked to see. What they sent is answered.
      if (isSent || !wasOpen || sheet.open) draw(html);
    } catch {
      unanswered = isSent ? { url, asked: { method, form, from, press } } : null;
      const kept = new CustomEvent("kiosk:unsent", { detail: { from, form, isSent }, cancelable: true });
      document.dispatchEvent(kept);
    } finally {
      busy = false;
      sheet.removeAttribute("aria-busy");
      pressed?.removeAttribute("aria-busy");
    }
    if (isSent) window.kiosk.load();
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
    const wasOpen = sheet.open;
    if (!wasOpen) sheet.showModal();
    focusInside(wasOpen ? "h2, p" : "p");
    // A whole number that is wrong can be compared with the slip; the next key begins another one.
    if (again && "anew" in again.dataset) again.select();
    document.dispatchEvent(new CustomEvent("kiosk:sheet"));
  }

  // What has just been pressed is gone: the focus goes where the sheet wants it, or to its title. A screen reader
  // announces the button with what the sheet says (the title too if the sheet was open already).
  function focusInside(announced = "p") {
    const title = sheet.querySelector("h2");
    if (title) title.tabIndex = -1;
    const first = sheet.querySelector("[autofocus]") ?? title ?? sheet.querySelector("button");
    if (first?.matches("button")) {
      const texts = [...sheet.querySelectorAll(announced)].filter((text) => !text.closest("button"));
      for (const [index, text] of texts.entries()) text.id ||= `sheet-text-${index}`;
      first.setAttribute("aria-describedby", texts.map((text) => text.id).join(" "));
    }
    first?.focus();
  }

  function close() {
    undoLeft = idleLeft = null;
    if (sheet.open) sheet.close();
    sheet.replaceChildren();
    // If the button that opened the sheet has been replaced meanwhile, the browser cannot return the focus to
    // it.
    window.kiosk.focus(openedBy);
    openedBy = null;
  }

  function key(pressed) {
    const input = sheet.querySelector("[data-digits]");
    const isAnew =
      pressed !== "back" && input.value !== "" && input.selectionStart === 0 && input.selectionEnd === input.value.length;
    const digits = isAnew ? "" : input.value.replace(/\D/g, "");
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
    } else if ("again" in button.dataset && unanswered) ask(unanswered.url, unanswered.asked);
    else if ("close" in button.dataset) close();
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
