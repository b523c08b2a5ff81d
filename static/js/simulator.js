// A simulated phone: it interprets the TwiML that our own webhooks return, as the provider does. It speaks
// with the browser's voice, takes keys from the screen and the keyboard, and follows the script.
(() => {
  "use strict";
  const dialog = document.getElementById("call");
  const said = document.getElementById("call-said");
  const title = document.getElementById("call-title");
  const mute = document.getElementById("call-mute");
  const desk = document.getElementById("call-desk");
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const READING_MS = 45; // per letter, if the browser has no voice
  let call = null;

  // ---- the line ------------------------------------------------------------------------------------

  const post = async (params) => {
    const response = await fetch(call.url, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      body: new URLSearchParams({ ...call.params, ...params }),
    });
    if (!response.ok) throw new Error(String(response.status));
    const sid = response.headers.get("X-Call");
    if (sid) call.params.sid = sid;
    const text = await response.text();
    return text ? new DOMParser().parseFromString(text, "text/xml").documentElement : null;
  };

  const start = async (mine, first) => {
    call = { ...mine, digits: "", wanted: 0, wake: null };
    title.textContent = mine.who;
    said.textContent = "…";
    desk.hidden = true;
    dialog.showModal();
    dialog.querySelector("[data-key='1']").focus();
    const current = call;
    try {
      let script = await post(first);
      while (script && call === current) script = await run(script, current);
      if (call === current) await over(current);
    } catch {
      if (call === current) stop();
    }
  };

  const over = async (current) => {
    if (current.reports) await post({ CallStatus: "completed" });
    said.textContent = dialog.dataset.over;
    setTimeout(() => call === current && stop(), 1500);
  };

  const stop = () => {
    call = null;
    window.speechSynthesis?.cancel();
    if (dialog.open) dialog.close();
  };

  // ---- the script ----------------------------------------------------------------------------------

  // Runs the verbs in order; returns the next script, or null when the call is over.
  const run = async (script, current) => {
    for (const verb of script.children) {
      if (call !== current) return null;
      if (verb.tagName === "Say") await say(verb, current);
      else if (verb.tagName === "Pause") await wait(1000 * Number(verb.getAttribute("length") || 1), current);
      else if (verb.tagName === "Gather") {
        const digits = await gather(verb, current);
        if (digits) return post({ address: verb.getAttribute("action"), Digits: digits });
      } else if (verb.tagName === "Redirect") return post({ address: verb.textContent.trim() });
      else if (verb.tagName === "Dial") return ringDesk(verb, current);
      else if (verb.tagName === "Hangup") return null;
    }
    return null;
  };

  const gather = async (verb, current) => {
    current.digits = "";
    current.wanted = Number(verb.getAttribute("numDigits") || 1);
    for (const child of verb.children) {
      if (child.tagName === "Say") await say(child, current);
      if (current.digits) break;
    }
    const patience = 1000 * Number(verb.getAttribute("timeout") || 5);
    let before;
    do {
      before = current.digits.length;
      if (before < current.wanted && !current.finished) await wait(patience, current);
    } while (call === current && current.digits.length > before && current.digits.length < current.wanted);
    const digits = current.digits;
    current.wanted = 0;
    current.finished = false;
    return call === current ? digits : "";
  };

  const ringDesk = async (verb, current) => {
    said.textContent = dialog.dataset.desk;
    desk.hidden = false;
    const status = await new Promise((resolve) => {
      current.desk = resolve;
      setTimeout(() => resolve("no-answer"), 1000 * Number(verb.getAttribute("timeout") || 30));
    });
    desk.hidden = true;
    return call === current ? post({ address: verb.getAttribute("action"), DialCallStatus: status }) : null;
  };

  const say = async (verb, current) => {
    const text = verb.textContent.trim();
    said.textContent = text;
    said.lang = verb.getAttribute("language") || "fr-FR";
    const rate = parseFloat(verb.querySelector("prosody")?.getAttribute("rate") || "100") / 100;
    const reading = wait(text.length * READING_MS, current);
    if (mute.checked || !window.speechSynthesis?.getVoices().length) return reading;
    current.wake?.();
    await speak(text, verb.getAttribute("language"), rate, current);
  };

  const speak = (text, language, rate, current) =>
    new Promise((resolve) => {
      const utterance = new SpeechSynthesisUtterance(text);
      utterance.lang = language || "fr-FR";
      utterance.rate = rate;
      current.wake = () => {
        window.speechSynthesis.cancel();
        resolve();
      };
      utterance.onend = utterance.onerror = resolve;
      window.speechSynthesis.speak(utterance);
    });

  // Waits until the time is over or a key is pressed.
  const wait = (milliseconds, current) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      current.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const press = (key) => {
    if (!call || !call.wanted) return;
    if (key === "#") call.finished = true;
    else call.digits += key;
    call.wake?.();
  };

  // ---- the page's controls -------------------------------------------------------------------------

  const report = (url, params) => {
    const mine = call;
    call = { url, params: {}, who: "" };
    post(params).catch(() => {});
    call = mine;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const incoming = button.closest("[data-call]");
    if (button.dataset.key !== undefined) press(button.dataset.key);
    else if (button.dataset.deskAnswers) call?.desk?.(button.dataset.deskAnswers);
    else if (button.id === "call-hang-up") hangUp();
    else if (button.dataset.dialFrom) {
      const number = button.dataset.dialFrom;
      start({ url: dialog.dataset.dial, params: { number }, who: button.dataset.who }, {});
    } else if (incoming && button.dataset.status) report(incoming.dataset.call, { CallStatus: button.dataset.status });
    else if (incoming) {
      const machine = "machine" in button.dataset ? { AnsweredBy: "machine_end_beep" } : { AnsweredBy: "human" };
      start({ url: incoming.dataset.call, params: {}, who: incoming.dataset.who, reports: true }, machine);
    }
  });

  const hangUp = () => {
    if (call?.reports) report(call.url, { CallStatus: "completed" });
    stop();
  };

  dialog.addEventListener("cancel", hangUp);
  dialog.addEventListener("keydown", (event) => {
    if (/^[0-9*#]$/.test(event.key)) press(event.key);
  });

  // A refresh must not remove a reply that someone is typing.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const typing = document.activeElement?.closest("#devices form");
    if (event.detail.elt.id === "devices" && typing?.elements.text?.value) event.preventDefault();
  });
})();
