// « Appeler un agent »: two soft tones, once per call, and a sign in the tab's title until the call is
// answered.
(() => {
  "use strict";
  const heard = new Set(JSON.parse(sessionStorage.getItem("help-calls") ?? "[]"));
  let audio = null;

  function ring() {
    audio ??= new AudioContext();
    for (const [index, pitch] of [880, 660, 880, 660].entries()) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      const at = audio.currentTime + index * 0.28;
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.0001, at);
      gain.gain.exponentialRampToValueAtTime(0.12, at + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.26);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.27);
    }
  }

  function listen() {
    const calls = [...document.querySelectorAll("#help-calls [data-ring]")];
    const title = document.title.replace(/\(\d+\) ☎ /, ""); // it changes: « Erreur : » stands in it too
    document.title = calls.length ? `(${calls.length}) ☎ ${title}` : title;
    const fresh = calls.filter((call) => !heard.has(call.dataset.ring));
    if (!fresh.length) return;
    fresh.forEach((call) => heard.add(call.dataset.ring));
    sessionStorage.setItem("help-calls", JSON.stringify([...heard].slice(-50)));
    ring();
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "help-calls") listen();
  });
})();
