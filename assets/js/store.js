// What this phone keeps for somebody: IndexedDB, each value encrypted with a key of that account which no script can read out.
import { openDB } from "idb";

const ready = openDB("portal", 1, {
  upgrade(db) { ["keys", "sealed", "plain"].forEach((name) => db.createObjectStore(name)); },
});
const bytes = (text) => new TextEncoder().encode(text);
const range = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);

async function keyOf(account) {
  const db = await ready;
  const known = await db.get("keys", account);
  if (known) return known;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const unit = db.transaction("keys", "readwrite");
  const meanwhile = await unit.store.get(account);
  if (!meanwhile) await unit.store.put(fresh, account);
  await unit.done;
  return meanwhile ?? fresh;
}

export async function put(account, name, value) {
  const place = `${account}/${name}`;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const cipher = { name: "AES-GCM", iv, additionalData: bytes(place) };
  const data = await crypto.subtle.encrypt(cipher, await keyOf(account), bytes(JSON.stringify(value)));
  await (await ready).put("sealed", { iv, data }, place);
}

async function open(account, place, box) {
  if (!box) return undefined;
  const cipher = { name: "AES-GCM", iv: box.iv, additionalData: bytes(place) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(cipher, await keyOf(account), box.data)));
}

export async function get(account, name) {
  const place = `${account}/${name}`;
  return open(account, place, await (await ready).get("sealed", place));
}

export async function list(account, prefix) {
  const db = await ready;
  const places = await db.getAllKeys("sealed", range(`${account}/${prefix}`));
  return Promise.all(places.map(async (place) => open(account, place, await db.get("sealed", place))));
}

export async function remove(account, name) {
  await (await ready).delete("sealed", `${account}/${name}`);
}

export async function forget(account, prefix) {
  await (await ready).delete("sealed", range(`${account}/${prefix}`));
}

/** Whose phone this is at the moment: an account's number, nothing that says who that is. */
export async function current() { return (await ready).get("plain", "account"); }
export async function setCurrent(account) { await (await ready).put("plain", account, "account"); }

/** Nothing of this account stays: no value, no key. */
export async function wipe(account) {
  const db = await ready;
  await db.delete("sealed", range(`${account}/`));
  await db.delete("keys", account);
  if ((await current()) === account) await db.delete("plain", "account");
}
