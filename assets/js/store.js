// What this phone keeps for somebody: IndexedDB, each value encrypted with a key of that account which no script can read out.
// The database may be missing, refused, full or hanging: nothing here touches it before it is asked to, every function
// refuses within its time, and whoever calls goes on without.
import { openDB } from "idb";
import { within } from "./begin.js";

const PATIENCE_MS = 2500;
const bytes = (text) => new TextEncoder().encode(text);
const range = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
let opening;
let hangs = false;

/** Opened once; a refusal is asked again at the next call, one that hung is refused at once until it answers. */
function ready() {
  opening ??= open();
  return hangs ? Promise.reject(new Error("the store hangs")) : within(PATIENCE_MS, opening).catch(giveUp);
}

async function open() {
  const upgrade = (db) => { ["keys", "sealed", "plain"].forEach((name) => db.createObjectStore(name)); };
  try {
    return await openDB("portal", 1, { upgrade });
  } catch (fault) {
    opening = undefined;
    throw fault;
  } finally {
    hangs = false;
  }
}

function giveUp(fault) {
  hangs = opening !== undefined;
  throw fault;
}

const limited = (act) => (...given) => within(2 * PATIENCE_MS, act(...given));

async function keyOf(account) {
  const db = await ready();
  const known = await db.get("keys", account);
  if (known) return known;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const unit = db.transaction("keys", "readwrite");
  const meanwhile = await unit.store.get(account);
  if (!meanwhile) await unit.store.put(fresh, account);
  await unit.done;
  return meanwhile ?? fresh;
}

export const put = limited(async (account, name, value) => {
  const place = `${account}/${name}`;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const cipher = { name: "AES-GCM", iv, additionalData: bytes(place) };
  const data = await crypto.subtle.encrypt(cipher, await keyOf(account), bytes(JSON.stringify(value)));
  await (await ready()).put("sealed", { iv, data }, place);
});

async function unseal(account, place, box) {
  if (!box) return undefined;
  const cipher = { name: "AES-GCM", iv: box.iv, additionalData: bytes(place) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(cipher, await keyOf(account), box.data)));
}

export const get = limited(async (account, name) => {
  const place = `${account}/${name}`;
  return unseal(account, place, await (await ready()).get("sealed", place));
});

export const list = limited(async (account, prefix) => {
  const db = await ready();
  const places = await db.getAllKeys("sealed", range(`${account}/${prefix}`));
  return Promise.all(places.map(async (place) => unseal(account, place, await db.get("sealed", place))));
});

export const remove = limited(async (account, name) => { await (await ready()).delete("sealed", `${account}/${name}`); });
export const forget = limited(async (account, prefix) => { await (await ready()).delete("sealed", range(`${account}/${prefix}`)); });

/** Whose phone this is at the moment: an account's number, nothing that says who that is. */
export const current = limited(async () => (await ready()).get("plain", "account"));
export const setCurrent = limited(async (account) => { await (await ready()).put("plain", account, "account"); });

/** Nothing of this account stays: no value, no key. */
export const wipe = limited(async (account) => {
  const db = await ready();
  await db.delete("sealed", range(`${account}/`));
  await db.delete("keys", account);
  if ((await db.get("plain", "account")) === account) await db.delete("plain", "account");
});
