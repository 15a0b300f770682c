// Keeps the [data-live] region of a page fresh: asks again every 20 s, swaps it only when changed, tells of a new red episode,
// and says so when it can no longer know. Focus, scroll, open details and half-typed notes survive.
const EVERY_MS = 20000;
const plainTitle = document.title;
const unseen = new Set();

let region;
let etag = "";
let paused = false;
let known = new Set();

const reds = (root) => [...root.querySelectorAll('[data-episode][data-severity="red"]')];

function show(selector, visible) {
  document.querySelectorAll(selector).forEach((element) => { element.hidden = !visible; });
}

/** Somebody is in the middle of something here: wait for the next round. */
function busy() {
  const field = document.activeElement;
  const typing = region.contains(field) && field.matches("input:not([type=submit]), select, textarea");
  return typing || region.querySelector("form[data-sent]") !== null;
}

/** A selector for what has the focus, so that its successor can have it. */
function focusPlace() {
  const element = document.activeElement;
  if (!region.contains(element)) return "";
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute("href");
  return href ? `[href="${CSS.escape(href)}"]` : "";
}

function swap(fresh) {
  const place = focusPlace();
  const opened = [...region.querySelectorAll("details[open][id]")].map((element) => element.id);
  const left = window.scrollX;
  const top = window.scrollY;
  region.replaceChildren(...fresh.childNodes);
  opened.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  if (place) region.querySelector(place)?.focus({ preventScroll: true });
  window.scrollTo(left, top);
}

function entitle() {
  document.title = unseen.size ? `(${unseen.size}) ${plainTitle}` : plainTitle;
}

function announce(root) {
  const fresh = reds(root).filter((row) => !known.has(row.dataset.episode));
  known = new Set(reds(root).map((row) => row.dataset.episode));
  if (!fresh.length) return;
  fresh.forEach((row) => unseen.add(row.dataset.episode));
  document.querySelector("[data-live-announcer]").textContent = fresh.map((row) => row.dataset.announce).join(". ");
  entitle();
}

function seen() {
  if (document.hidden || !unseen.size) return;
  unseen.clear();
  entitle();
}

async function ask() {
  const response = await fetch(location.href, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store", credentials: "same-origin" });
  if (response.status === 304) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!response.ok || response.redirected || !fresh) throw new Error("no live region");
  announce(fresh);
  if (busy()) return;
  etag = response.headers.get("ETag") ?? "";
  if (fresh.innerHTML !== region.innerHTML) swap(fresh);
}

async function tick() {
  if (paused) return;
  try {
    await ask();
    show("[data-live-stale]", false);
  } catch {
    show("[data-live-stale]", true);
  }
}

function offerPause() {
  document.querySelectorAll("[data-live-pause]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
      if (!paused) tick();
    });
  });
}

export function keepLive() {
  region = document.querySelector("[data-live]");
  if (!region) return;
  known = new Set(reds(region).map((row) => row.dataset.episode));
  offerPause();
  const every = Number(region.dataset.liveEvery || 0) || EVERY_MS;
  setInterval(tick, every);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
  ["pointerdown", "keydown", "visibilitychange"].forEach((kind) => document.addEventListener(kind, seen));
}
