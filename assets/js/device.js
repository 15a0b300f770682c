// The phone's part on pages that came from the server: keep what is typed, send what waits, forget at sign-out.
import { draft, drop, fill, save } from "./drafts.js";
import { arrived, flush, waiting } from "./outbox.js";
import { current, put, setCurrent, wipe } from "./store.js";

const TRY_AGAIN_MS = 5000;
const outbox = () => document.getElementById("outbox");
const words = (name, day) => outbox().dataset[name].replace("{day}", day);

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

/** Says what arrived while this page was open and what still waits; a red answer leads straight to its card. */
export async function report(account) {
  if (!outbox()) return;
  const results = await arrived(account);
  const left = await waiting(account);
  told.push(...results);
  outbox().replaceChildren();
  outbox().hidden = true;
  told.forEach(({ result, diary_on, url }) => say(words(result === "unfinished" ? result : "arrived", diary_on), url));
  left.forEach((item) => say(item.reason ? `${words("waiting", item.diary_on)} - ${item.reason}` : words("waiting", item.diary_on)));
  const red = results.find((result) => result.severity === "red");
  if (red) location.assign(red.url);
}

export async function sendWaiting() {
  const account = await current();
  if (!account) return;
  await flush();
  await report(account);
  const unsent = (await waiting(account)).some(({ reason }) => !reason);
  if (unsent) setTimeout(sendWaiting, TRY_AGAIN_MS);
}

/** The day of a diary page: /diary/2026-11-24/skin. */
function place() {
  const [, day, page] = location.pathname.match(/^\/diary\/(\d{4}-\d\d-\d\d)\/([a-z-]+)$/) ?? [];
  return { day, page };
}

async function keepDraft(account) {
  const { day } = place();
  const form = day && document.querySelector("form[data-once]");
  if (!form) return;
  const known = await draft(account, day);
  const id = form.elements["client-id"];
  if (known.client_id && !document.querySelector(".nhsuk-error-summary")) {
    fill(form, known.fields);
  }
  const keep = () => save(account, day, form, id.value);
  ["input", "change"].forEach((kind) => form.addEventListener(kind, keep));
  form.addEventListener("submit", keep);
}

async function signOut(event) {
  const form = event.target;
  if (!/^\/(sign-out|settings\/sign-out-everywhere)$/.test(new URL(form.action).pathname) || form.dataset.wiped) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const account = await current();
  if (account) {
    await flush();
    if ((await waiting(account)).length && !confirm(outbox().dataset.leaving)) return;
    await wipe(account);
  }
  form.dataset.wiped = "yes";
  form.submit();
}

async function rememberShell(language) {
  const worker = await navigator.serviceWorker?.register("/sw.js").catch(() => undefined);
  if (!worker) return;
  const cache = await caches.open("portal-language");
  await cache.put("/offline/language", new Response(language));
}

/** Begins once the page is there: nothing of this is needed to read or fill it in. */
export async function attendDevice() {
  const holder = document.getElementById("device");
  if (!holder || !window.indexedDB || !window.crypto?.subtle) return;
  document.addEventListener("submit", signOut, true);
  const facts = JSON.parse(holder.dataset.facts);
  await setCurrent(facts.account);
  await put(facts.account, "facts", { ...facts, ward: tel(".app-call-bar__link") });
  holder.dataset.known = "";
  const sent = document.querySelector("[data-sent-day]");
  if (sent) await drop(facts.account, sent.dataset.sentDay);
  await keepDraft(facts.account);
  await sendWaiting();
  window.addEventListener("online", sendWaiting);
  const begin = () => rememberShell(facts.language);
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
}

const tel = (selector) => document.querySelector(selector)?.getAttribute("href");
