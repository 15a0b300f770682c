// What waits on this phone: finished diaries, and red answers of a diary that is not finished. Each is sent by itself, once:
// the server knows its client id and stores it only the first time. What the server has answered never waits again.
import { forget, get, current, list, put, remove } from "./store.js";

export const waiting = (account) => list(account, "waiting/");

/** The red answers of diaries on this phone: {client_id, day, at, signs: [{key, words, page}], pages: {name: fields}, sent}. */
export const reds = (account) => list(account, "red/");
export const keepRed = (account, red) => put(account, `red/${red.client_id}`, red);
export const dropRed = (account, client_id) => remove(account, `red/${client_id}`);

/** Put a finished diary into the queue; its draft goes. */
export async function enqueue(account, item) {
  await put(account, `waiting/${item.client_id}`, item);
  await remove(account, `draft/${item.diary_on}`);
}

/** Who the server thinks is here, and a token to send with; undefined without a connection or a session. */
async function ask() {
  const response = await fetch("/diary/device", { cache: "no-store", redirect: "manual" }).catch(() => undefined);
  return response?.ok ? response.json() : undefined;
}

/** The server's answer to one diary; undefined without one, {} where it was none of ours. */
async function post(item, csrf) {
  const response = await fetch("/diary/sync", {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify(item),
  }).catch(() => undefined);
  if (!response) return undefined;
  const json = response.headers.get("Content-Type")?.startsWith("application/json");
  return json ? { ...(await response.json().catch(() => ({}))), diary_on: item.diary_on } : {};
}

/** Send one diary that this phone could not save; its result, or undefined. */
export async function sendAtOnce(item) {
  const device = await ask();
  const result = device?.account === item.account ? await post(item, device.csrf) : undefined;
  return result?.result ? result : undefined;
}

async function settle(account, item, result) {
  if (result.result === "other-account") return;
  await put(account, `arrived/${item.client_id}`, result);
  await remove(account, `waiting/${item.client_id}`);
  if (result.severity !== "red") return dropRed(account, item.client_id);
  // The card stays on this phone until a page of the server's says how things stand.
  const found = await get(account, `red/${item.client_id}`);
  return keepRed(account, { client_id: item.client_id, day: item.diary_on, signs: [], pages: {}, ...found, sent: true });
}

/** A page with a red answer becomes part of the draft on the server, so that the ward knows before the diary is finished. */
async function tellRed(account, red, csrf) {
  for (const [name, fields] of Object.entries(red.pages)) {
    // "base" is the time of these answers: a newer one stays, and these are judged all the same.
    const body = new URLSearchParams([["csrf_token", csrf], ["client-id", red.client_id], ["base", red.at], ...Object.entries(fields).flatMap(([key, values]) => values.map((value) => [key, value]))]);
    const response = await fetch(`/diary/${red.day}/${name}`, { method: "POST", redirect: "manual", body }).catch(() => undefined);
    if (!response) return;
    if (response.status >= 500) return;
    if (response.type !== "opaqueredirect" && response.status !== 422) return sendRedReport(account, red, csrf);
  }
  await keepRed(account, { ...red, sent: true });
}

/** No page of that day is open on the server (a clock that is wrong): what there is goes as a report of its own. */
async function sendRedReport(account, red, csrf) {
  if (!red.report) return;
  const result = await post(red.report, csrf);
  if (result?.result) await settle(account, red.report, result);
}

async function sendAll() {
  const account = await current();
  const [items, found] = account ? [await waiting(account), await reds(account)] : [[], []];
  const queued = new Set(items.map(({ client_id }) => client_id));
  const untold = found.filter((red) => !red.sent && !queued.has(red.client_id));
  const device = items.length || untold.length ? await ask() : undefined;
  if (!device || device.account !== account) return;
  for (const red of untold) await tellRed(account, red, device.csrf);
  for (const item of items.sort((one, other) => (one.entered_at < other.entered_at ? -1 : 1))) {
    const result = await post(item, device.csrf);
    if (!result) return;
    if (result.result) await settle(account, item, result);
  }
}

/** What became of diaries that were sent since somebody was last told; each is told once. */
export async function arrived(account) {
  const results = await list(account, "arrived/");
  await forget(account, "arrived/");
  return results;
}

/** Send what waits. Only one page or worker sends at a time. */
export function flush() {
  return navigator.locks ? navigator.locks.request("portal-outbox", sendAll) : sendAll();
}

/** Everything the phone was told at the last visit. */
export async function known() {
  const account = await current();
  return account ? get(account, "facts") : undefined;
}
