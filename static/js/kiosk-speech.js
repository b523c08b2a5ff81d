// « Écouter » reads the board or the open sheet aloud, if the machine has a voice for the language: without
// one the button stays away. Names are never read: what holds one is left out.
(() => {
  "use strict";
  const synthesis = window.speechSynthesis;
  const voiceFor = (lang) => synthesis?.getVoices().find((voice) => voice.lang.toLowerCase().startsWith(lang));

  function offer() {
    const button = document.getElementById("listen");
    const lang = document.documentElement.lang;
    if (button) button.hidden = !voiceFor(lang);
  }

  function speak(text) {
    const lang = document.documentElement.lang;
    synthesis.cancel();
    const speech = new SpeechSynthesisUtterance(text);
    speech.lang = lang;
    speech.voice = voiceFor(lang) ?? null;
    speech.rate = 0.85;
    synthesis.speak(speech);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-speak]");
    if (!button || !synthesis) return;
    if (synthesis.speaking) synthesis.cancel();
    else speak(button.dataset.speak);
  });
  document.addEventListener("kiosk:shown", offer);
  synthesis?.addEventListener("voiceschanged", offer);
  offer();

  // A soft sound when someone new is expected, where the commune wants it.
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
  document.addEventListener("kiosk:shown", () => {
    const now = awaited();
    const isNew = now !== "" && now !== expected;
    expected = now;
    if (isNew && "sound" in document.querySelector('[data-part="state"]').dataset) chime();
  });
})();
