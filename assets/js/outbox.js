// Diaries that wait on this phone. Each is sent by itself, once: the server knows its client id and stores it only the first time.
import { current, forget, get, list, put, remove } from "./store.js";

const STORED = ["accepted", "late", "beyond", "superseded", "again", "unfinished"];

export const waiting = (account) => list(account, "waiting/");

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

async function send(item, csrf) {
  const response = await fetch("/diary/sync", {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify(item),
  }).catch(() => undefined);
  const json = response?.headers.get("Content-Type")?.startsWith("application/json");
  return json ? { ...(await response.json()), diary_on: item.diary_on } : undefined;
}

async function settle(account, item, result) {
  if (!STORED.includes(result.result)) return put(account, `waiting/${item.client_id}`, { ...item, reason: result.reason });
  await put(account, `arrived/${item.client_id}`, result);
  return remove(account, `waiting/${item.client_id}`);
}

async function sendAll() {
  const account = await current();
  const items = account ? await waiting(account) : [];
  const device = items.length ? await ask() : undefined;
  if (device?.account !== account) return;
  for (const item of items.sort((one, other) => (one.entered_at < other.entered_at ? -1 : 1))) {
    const result = await send(item, device.csrf);
    if (!result) return;
    await settle(account, item, result);
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
