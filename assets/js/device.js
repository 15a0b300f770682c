// The phone's part on pages that came from the server: keep what is typed, send what waits, forget at sign-out.
import { within } from "./begin.js";
import { draft, drop, fill, save, watchHands } from "./drafts.js";
import { arrived, dropRed, flush, reds, waiting } from "./outbox.js";
import { current, put, setCurrent, wipe } from "./store.js";

const TRY_AGAIN_MS = 5000;
const PATIENCE_MS = 3000;
const TO_FORGET = "portal-forget";
const outbox = () => document.getElementById("outbox");
const words = (name, day) => outbox().dataset[name].replace("{day}", dayWords(day));

/** A day as people say it, in the language of the page; as it is written, where it is none. */
function dayWords(day) {
  const at = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return day;
  return at.toLocaleDateString(document.documentElement.lang, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });
}

export function say(text, href) {
  const line = document.createElement("p");
  line.className = "app-message";
  line.append(text);
  if (href) {
    const link = document.createElement("a");
    link.className = "nhsuk-link";
    link.href = href;
    link.textContent = outbox().dataset.look;
    line.append(" ", link);
  }
  outbox().append(line);
  outbox().hidden = false;
}

const told = [];

/** Says what arrived while this page was open and what still waits; a red answer leads straight to its card: then true. */
export async function report(account) {
  if (!outbox()) return false;
  const results = await arrived(account);
  const left = await waiting(account);
  told.push(...results);
  outbox().replaceChildren();
  outbox().hidden = true;
  told.forEach(({ result, diary_on, url }) => say(words(result === "unfinished" ? result : "arrived", diary_on), url));
  left.forEach((item) => say(words(window.SyncManager ? "waiting" : "waitingOpen", item.diary_on)));
  const red = results.find((result) => result.severity === "red");
  if (red) location.assign(red.url);
  return Boolean(red);
}

const sentReds = async (account) => (await reds(account)).filter((red) => red.sent);

/** What the server knew when this page was made stands on the page; what it has been told of since is on Today. */
async function showNewReds(account) {
  if ((await sentReds(account)).length && !document.querySelector("form[data-once]")) location.assign("/today");
}

export async function sendWaiting() {
  const account = await current();
  if (!account) return;
  await flush();
  if (await report(account)) return;
  await showNewReds(account);
  const unsent = (await waiting(account)).length + (await reds(account)).filter((red) => !red.sent).length;
  if (unsent) setTimeout(() => sendWaiting().catch(() => undefined), TRY_AGAIN_MS);
}

/** The day of a diary page: /diary/2026-11-24/skin. */
function place() {
  const [, day, page] = location.pathname.match(/^\/diary\/(\d{4}-\d\d-\d\d)\/([a-z-]+)$/) ?? [];
  return { day, page };
}

/** What this phone remembers of the page, where it is newer than what the server has; nothing that a hand has touched. */
async function keepDraft(account, skew) {
  const { day } = place();
  const form = day && document.querySelector("form[data-once]");
  if (!form) return;
  watchHands(form);
  const id = form.elements["client-id"];
  const keep = () => save(account, day, form, id.value, new Date(Date.now() + skew)).catch(() => undefined);
  const known = await draft(account, day);
  const base = form.elements.base?.value ?? "";
  const newer = Date.parse(known.at) > (Date.parse(base) || 0);
  if (newer && known.client_id && !document.querySelector(".nhsuk-error-summary")) {
    if (!base) id.value = known.client_id;
    fill(form, known.fields);
  }
  ["input", "change", "submit"].forEach((kind) => form.addEventListener(kind, keep));
}

/** Sends what waits and empties the store; false where somebody would rather stay. */
async function tidy() {
  const account = await current();
  if (!account) return true;
  await within(PATIENCE_MS, flush()).catch(() => undefined);
  if ((await waiting(account)).length && !confirm(outbox().dataset.leaving)) return false;
  await wipe(account);
  remember("");
  return true;
}

/** Signing out is the server's act: it waits for the phone's own tidying a few seconds and no longer. */
async function signOut(event) {
  const form = event.target;
  if (!/^\/(sign-out|settings\/sign-out-everywhere)$/.test(new URL(form.action).pathname) || form.dataset.wiped) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  remember(String(JSON.parse(document.getElementById("device").dataset.facts).account));
  const leaving = await within(2 * PATIENCE_MS, tidy()).catch(() => true);
  if (!leaving) {
    remember("");
    return;
  }
  form.dataset.wiped = "yes";
  form.submit();
}

/** What could not be emptied at sign-out is emptied by the next page that can. */
function remember(account) {
  try {
    if (account) localStorage.setItem(TO_FORGET, account);
    else localStorage.removeItem(TO_FORGET);
  } catch {
    // Without this store there is nothing to remember it in.
  }
}

export async function forgetLeft() {
  const left = Number(localStorage.getItem(TO_FORGET));
  if (!left || document.getElementById("device")) return;
  await wipe(left);
  remember("");
}

async function rememberShell(language) {
  const worker = await navigator.serviceWorker?.register("/sw.js").catch(() => undefined);
  if (!worker) return;
  const cache = await caches.open("portal-language");
  await cache.put("/offline/language", new Response(language));
}

/** How far the server's clock is ahead of this phone's, in milliseconds: by when the page arrived, not when a script ran. */
function clockSkew(now) {
  const [page] = performance.getEntriesByType("navigation");
  return Date.parse(now) - (page ? performance.timeOrigin + page.responseStart : Date.now());
}

export function watchSignOut() {
  if (document.getElementById("device")) document.addEventListener("submit", signOut, true);
}

export function keepShell() {
  const holder = document.getElementById("device");
  if (!holder) return;
  const begin = () => rememberShell(JSON.parse(holder.dataset.facts).language);
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
}

/** Begins once the page is there: nothing of this is needed to read or fill it in. */
export async function attendDevice() {
  const holder = document.getElementById("device");
  if (!holder) return;
  const facts = JSON.parse(holder.dataset.facts);
  await setCurrent(facts.account);
  remember("");
  const skew = clockSkew(facts.now);
  await put(facts.account, "facts", { ...facts, skew, ward: document.querySelector(".app-call-bar__link")?.getAttribute("href") });
  await Promise.all((await sentReds(facts.account)).map(({ client_id }) => dropRed(facts.account, client_id)));
  const sent = document.querySelector("[data-sent-day]");
  if (sent) await drop(facts.account, sent.dataset.sentDay);
  await keepDraft(facts.account, skew);
  holder.dataset.known = "";
  window.addEventListener("online", () => sendWaiting().catch(() => undefined));
  await sendWaiting();
}
