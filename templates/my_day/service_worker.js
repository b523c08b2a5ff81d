{% load static %}// Answers with the helper's day as it was last seen, when there is no network: until midnight, and never
// after the server has sent them to the login. See static/js/my_day.js, which keeps it.
"use strict";
const NAME = "permanence-day";
const PAGE = "{{ page }}";
const STATIC = "{% get_static_prefix %}";
const PATIENCE_MS = 5000;
// A page that is kept has no headers of the server's: these are as strict.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) {
    event.respondWith(soonerOrKept(fetch(request).then(forgetIfRefused), () => kept(url)));
  } else if (url.pathname.startsWith(STATIC)) {
    event.respondWith(soonerOrKept(fetch(request), () => file(request)));
  }
});

async function forgetIfRefused(response) {
  const isRefused = response.type === "opaqueredirect" || [401, 403, 404].includes(response.status);
  if (isRefused) await caches.delete(NAME);
  return response;
}

// A poor connection is given time; all the time it takes where nothing is kept.
async function soonerOrKept(answer, look) {
  answer.catch(() => {});
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  try {
    return (await Promise.race([answer, patience.then(look)])) ?? (await answer);
  } catch (error) {
    const found = await look();
    if (found) return found;
    throw error;
  }
}

async function file(request) {
  if (!(await caches.has(NAME))) return null;
  return (await (await caches.open(NAME)).match(request, { ignoreVary: true })) ?? null;
}

async function kept(url) {
  if (!(await caches.has(NAME))) return null;
  const page = await (await caches.open(NAME)).match(PAGE, { ignoreVary: true });
  const said = (name) => page.headers.get(name);
  if (!page || Date.now() >= Number(said("X-Until")) || Date.now() < Number(said("X-Kept"))) {
    await caches.delete(NAME);
    return null;
  }
  if (![null, said("X-Day")].includes(url.searchParams.get("day"))) return null;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY };
  return new Response(page.body, { headers });
}
