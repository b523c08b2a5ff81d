// What calls an agent: « Appeler un agent », a resident of theirs who has arrived, what the provider refuses.
//
// <div data-signal="arrival-12" data-say="Rosa P. est là, cabine 1." data-title="Rosa P. est là">
//
// Each is said once in a tab and sounded once in a browser, however often the part that holds it is drawn again,
// and stands in the tab's title until the agent has looked. data-ring sounds always; data-chime, and data-ring with
// data-gentle, if the agent wants it (#sound-choice). Two about one appointment (data-about) are one. Only numbers
// are stored, no name.
(() => {
  "use strict";
  const root = document.documentElement;
  const agent = document.body.dataset.agent;
  const KEEP = 200;

  const read = (store, name) => {
    try {
      return new Set(JSON.parse(store.getItem(name) ?? "[]"));
    } catch {
      return new Set(); // a private window may store nothing
    }
  };
  const write = (store, name, keys) => {
    try {
      store.setItem(name, JSON.stringify([...keys].slice(-KEEP)));
    } catch {
      // Then this page alone remembers.
    }
  };
  const add = (store, name, keys) => write(store, name, new Set([...read(store, name), ...keys]));
  const HEARD = `signals-heard-${agent}`;
  const SEEN = `signals-seen-${agent}`;
  const SAID = `signals-said-${agent}`;

  // ---- sound ----------------------------------------------------------------------------------------------

  let audio = null;
  let isOwed = false; // a sound that the browser did not allow yet

  const wantsChime = () => {
    const choice = document.getElementById("sound-choice") ?? document.body;
    return choice.dataset.sound === "1";
  };

  const sounds = ({ dataset: { ring, gentle, chime } }) => (chime || gentle ? wantsChime() : Boolean(ring));

  // Browsers allow sound after a first touch of the page; an AudioContext before it only fills the console.
  const isAllowed = () => navigator.userActivation?.hasBeenActive ?? true;

  const sayBlocked = (isBlocked) => {
    const notice = document.getElementById("sound-blocked");
    if (notice) notice.hidden = !isBlocked;
  };

  function tones() {
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

  async function sound() {
    if (!isAllowed()) {
      isOwed = true;
      sayBlocked(true);
      return;
    }
    audio ??= new AudioContext();
    if (audio.state === "suspended") await audio.resume().catch(() => {});
    isOwed = audio.state === "suspended";
    sayBlocked(isOwed);
    if (isOwed) return;
    tones();
    root.dispatchEvent(new CustomEvent("permanence:sounded", { bubbles: true }));
  }

  // ---- title ----------------------------------------------------------------------------------------------

  const all = () => [...document.querySelectorAll("[data-signal]")];
  let before = ""; // what stands before the page's own title

  function showTitle() {
    const seen = read(localStorage, SEEN);
    const open = all().filter((each) => each.dataset.title && (each.dataset.stays || !seen.has(each.dataset.signal)));
    const whom = new Set(open.map((each) => each.dataset.about || each.dataset.signal));
    const bare = document.title.replace(before, ""); // it changes: « Erreur : » stands in it too
    before = open.length ? `(${whom.size}) ${open[open.length - 1].dataset.title} – ` : "";
    document.title = before + bare;
    root.dataset.title = bare; // my_day.js keeps the page under it
  }

  function see() {
    const seen = read(localStorage, SEEN);
    const fresh = all().map((each) => each.dataset.signal).filter((key) => !seen.has(key));
    if (!fresh.length) return;
    add(localStorage, SEEN, fresh);
    showTitle();
  }

  // ---- once -----------------------------------------------------------------------------------------------

  // Of several tabs one sounds: who writes first.
  const alone = (act) => (navigator.locks ? navigator.locks.request(HEARD, act) : act());

  const oneEach = (signals) => {
    const found = new Map();
    for (const each of signals) {
      const about = each.dataset.about || each.dataset.signal;
      if (!found.has(about)) found.set(about, each);
    }
    return [...found.values()];
  };

  // data-reads: its first paragraph.
  const wordsOf = ({ dataset, firstElementChild }) =>
    dataset.reads === undefined ? dataset.say : firstElementChild.textContent.replace(/\s+/g, " ").trim();

  function say(signals) {
    const region = document.getElementById("signals-said");
    if (region && signals.length) region.textContent = oneEach(signals).map(wordsOf).join(" ");
  }

  // A warning that comes back after it was over is said again.
  function forgetWarnings() {
    const there = new Set(all().map((each) => each.dataset.signal));
    const said = read(sessionStorage, SAID);
    write(sessionStorage, SAID, new Set([...said].filter((key) => !key.startsWith("alarm-") || there.has(key))));
  }

  let passing = new WeakSet(); // answers to what the agent pressed have no number: each is said when it comes

  async function listen() {
    const signals = all();
    const said = read(sessionStorage, SAID);
    const isFresh = (each) => (each.dataset.signal ? !said.has(each.dataset.signal) : !passing.has(each));
    const fresh = signals.filter((each) => wordsOf(each) && isFresh(each));
    fresh.forEach((each) => passing.add(each));
    add(sessionStorage, SAID, fresh.map((each) => each.dataset.signal).filter(Boolean));
    say(fresh);
    showTitle();
    const calls = signals.filter(({ dataset: { ring, chime } }) => ring || chime);
    if (!calls.length) return;
    await alone(async () => {
      const heard = read(localStorage, HEARD);
      const unheard = calls.filter((each) => !heard.has(each.dataset.signal));
      if (!unheard.length) return;
      add(localStorage, HEARD, unheard.map((each) => each.dataset.signal));
      if (unheard.some(sounds)) await sound();
    });
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "sound-choice") {
      const isWanted = wantsChime();
      document.body.dataset.sound = isWanted ? "1" : "";
      if (isWanted) sound(); // that is what it sounds like
    }
    if (event.target.id === "provider-alarm") forgetWarnings();
    listen();
  });

  // ---- the agent is there ---------------------------------------------------------------------------------

  for (const touch of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(touch, see, { passive: true });
  }
  for (const touch of ["pointerup", "keydown", "touchend", "click"]) {
    document.addEventListener(touch, () => {
      if (!isAllowed()) return;
      sayBlocked(false);
      if (isOwed) sound();
    });
  }
  window.addEventListener("focus", see);
  document.addEventListener("visibilitychange", () => document.hidden || see());
  window.addEventListener("storage", (event) => event.key === SEEN && showTitle());

  if (document.getElementById("sound-choice") && wantsChime() && !isAllowed()) sayBlocked(true);
  listen();
})();
