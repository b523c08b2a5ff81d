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
      await cache.addAll([...FILES, KEYPAD]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // The page kept by the last edition moves over: it is nameless, and better than nothing.
      const cache = await caches.open(CACHE);
      for (const name of await caches.keys()) {
        if (name === CACHE) continue;
        const page = await (await caches.open(name)).match(PAGE);
        if (page && !(await cache.match(PAGE))) await cache.put(PAGE, page);
        await caches.delete(name);
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

// What a portal or a proxy answers in the server's place would leave the wall without a board, and without a
// script that asks again.
async function fromNetworkOr(kept, request) {
  const answer = await fetch(request, { signal: AbortSignal.timeout(8000) }).catch(() => null);
  if (answer?.headers.has("{{ ours }}")) return answer;
  return (await caches.match(kept, { ignoreVary: true })) ?? answer ?? Response.error();
}
