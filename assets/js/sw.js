// Keeps the assets and one page without personal data for each language; nothing else of the portal is ever cached.
import { flush } from "./outbox.js";

const NAME = `portal-${self.VERSION}`;
const PAGES = /^\/(?:$|today|diary|record|calendar|settings|study|sign-in|offline)(?:\/|$)?/;

async function keep() {
  const cache = await caches.open(NAME);
  await Promise.all(self.KEPT.map(async (url) => cache.put(url, await fetch(url, { credentials: "omit", cache: "no-cache" }))));
}

async function tidy() {
  const old = (await caches.keys()).filter((name) => name !== NAME && name !== "portal-language");
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function shell(url) {
  const direct = await caches.match(url.pathname, { ignoreVary: true });
  if (direct) return direct;
  const told = await caches.match("/offline/language");
  const language = told ? await told.text() : "zh-CN";
  return caches.match(`/offline/${language}`, { ignoreVary: true });
}

async function page(event, url) {
  try {
    return await fetch(event.request);
  } catch (fault) {
    const kept = await shell(url);
    if (!kept) throw fault;
    return kept;
  }
}

async function asset(event) {
  return (await caches.match(event.request, { ignoreVary: true })) ?? fetch(event.request);
}

self.addEventListener("install", (event) => { self.skipWaiting(); event.waitUntil(keep()); });
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("sync", (event) => { if (event.tag === "outbox") event.waitUntil(flush()); });
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && PAGES.test(url.pathname)) event.respondWith(page(event, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(event));
});
