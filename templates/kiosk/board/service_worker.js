// Keeps the page of a screen for when there is no network. What changes is never answered from here:
// the board asks the server, and knows when it could not.
"use strict";
const CACHE = "permanence-{{ release }}";
const FILES = {{ files|safe }};
const PAGE = "{{ page }}";
const KEYPAD = "{{ keypad }}";

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await Promise.all([...FILES, KEYPAD].map((file) => keep(cache, file)));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "claim") event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && url.pathname === PAGE) {
    event.respondWith(fromNetworkOr(PAGE, request));
  } else if (url.pathname === new URL(KEYPAD, location.origin).pathname) {
    event.respondWith(fromNetworkOr(KEYPAD, request));
  }
});

const isOurs = (answer) => answer.headers.has("{{ ours }}");

// A portal says 200 too, and the browser's own cache may have believed it.
async function keep(cache, file) {
  const answer = await fetch(file, { cache: "reload" });
  if (!answer.ok || !isOurs(answer)) throw new Error(file);
  await cache.put(file, answer);
}

// What a portal or a proxy answers in the server's place would leave the wall without a board, and without a
// script that asks again.
async function fromNetworkOr(kept, request) {
  const answer = await fetch(request, { signal: AbortSignal.timeout(8000) }).catch(() => null);
  if (answer && isOurs(answer)) return answer;
  return (await caches.match(kept, { ignoreVary: true })) ?? answer ?? Response.error();
}
