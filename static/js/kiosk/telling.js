// What this page tells of itself in the query of requests that it makes anyway: its release, since when it is
// loaded, its window, the machine's clock, the last error of its scripts, and which commands it has carried out.
// Of an error only its kind and place are told: its words may hold a name. Loaded first, to hear of all errors.
(() => {
  "use strict";
  let error = "";
  const done = new Set(); // ids of commands, until the server has noted them

  const placeIn = (text) => /([a-z_]{1,20})(?:\.[0-9a-f]+)?\.js(?:\?[^:\s]*)?:(\d{1,6})/.exec(text ?? "");

  function note(kind, place) {
    if (!place) return;
    const known = /^[A-Za-z]{1,30}$/.test(kind ?? "") ? kind : "Error";
    error = `${known} ${place[1]}.js:${place[2]}`;
  }

  window.addEventListener("error", (event) => {
    note(event.error?.name, placeIn(`${event.filename}:${event.lineno}`));
  });
  window.addEventListener("unhandledrejection", ({ reason }) => note(reason?.name, placeIn(reason?.stack)));

  function told() {
    const fields = {
      release: document.body.dataset.release,
      up: Math.round(performance.now() / 1000),
      size: `${innerWidth}x${innerHeight}`,
      clock: Date.now(),
    };
    if (error) fields.error = error;
    if (done.size > 0) fields.done = [...done].slice(0, 20).join(",");
    return new URLSearchParams(fields);
  }

  window.telling = { told, done };
})();
