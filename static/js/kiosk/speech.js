// « Écouter » reads the board or the open sheet aloud, as read_aloud.js says. Without a voice for the language on
// this machine the button is hidden.
(() => {
  "use strict";
  const synthesis = window.speechSynthesis;
  const voiceFor = (lang) => synthesis?.getVoices().find((voice) => voice.lang.toLowerCase().startsWith(lang));

  function offer() {
    const button = document.getElementById("listen");
    const lang = document.documentElement.lang;
    if (button) button.hidden = !voiceFor(lang);
  }

  // A sheet gets its own button, since it covers the one of the board.
  function offerInSheet() {
    synthesis?.cancel();
    const lang = document.documentElement.lang;
    const actions = [...document.querySelectorAll("#sheet .actions")].at(-1);
    const name = document.getElementById("listen")?.textContent;
    if (!actions || !name || !voiceFor(lang)) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "plain-button", textContent: name });
    button.dataset.speak = "";
    actions.append(button);
  }

  function speak() {
    synthesis.cancel();
    const sheet = document.getElementById("sheet");
    const shown = sheet.open ? [sheet] : ["stale", "board"].map((id) => document.getElementById(id));
    for (const { lang, text } of window.readAloud.partsOf(...shown)) {
      const speech = new SpeechSynthesisUtterance(text);
      speech.lang = lang;
      speech.voice = voiceFor(lang) ?? null;
      speech.rate = 0.85;
      synthesis.speak(speech);
    }
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-speak]") || !synthesis) return;
    if (synthesis.speaking) synthesis.cancel();
    else speak();
  });
  document.addEventListener("kiosk:sheet", offerInSheet);
  document.addEventListener("close", () => synthesis?.cancel(), true);
  document.addEventListener("kiosk:drawn", offer);
  synthesis?.addEventListener("voiceschanged", offer);
  offer();

  // A soft sound when another visit is expected, if this is set for the screen.
  const awaited = () =>
    [...document.querySelectorAll('[data-state="waiting"] .at, [data-state="expected"] .at')]
      .map((at) => at.textContent.trim())
      .join();
  let expected = awaited();
  let audio = null;
  function chime() {
    audio ??= new AudioContext();
    for (const [index, pitch] of [523.25, 659.25].entries()) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      const at = audio.currentTime + index * 0.35;
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.08, at + 0.05);
      gain.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 1);
    }
  }
  window.chime = chime;
  document.addEventListener("kiosk:shown", () => {
    const now = awaited();
    const isNew = now !== "" && now !== expected;
    expected = now;
    if (isNew && "sound" in document.querySelector('[data-part="state"]').dataset) chime();
  });
})();
