// What has been typed and not sent, kept on this phone from the first tap on: by day, as the form would send it, with its time.
import { get, list, put, remove } from "./store.js";

const SKIPPED = ["csrf_token", "client-id", "then", "base", "shown"];
const typed = (form) => [...form.elements].filter((field) => field.name && !SKIPPED.includes(field.name) && field.type !== "file");
const touched = new WeakMap();

/** Remembers from now on which questions of the form a hand has touched: a script that comes late leaves those alone. */
export function watchHands(form) {
  if (touched.has(form)) return;
  touched.set(form, new Set());
  ["input", "change"].forEach((kind) => form.addEventListener(kind, (event) => touched.get(form).add(event.target.name)));
}

/** The values of a form by name; every name it has is there, so that what was taken away stays away. */
export function read(form) {
  const values = {};
  typed(form).forEach((field) => {
    values[field.name] ??= [];
    if (!["radio", "checkbox"].includes(field.type) || field.checked) values[field.name].push(field.value);
  });
  return values;
}

/** Has a hand changed the field since the page came? The page's own marks say it for the time before any script. */
const changed = (field) => (["radio", "checkbox"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);

/** Puts `values` into the form, but not into a question that a hand has touched. */
export function fill(form, values) {
  const own = touched.get(form) ?? new Set();
  const kept = new Set([...own, ...typed(form).filter(changed).map((field) => field.name)]);
  const wanted = typed(form).filter((field) => field.name in values && !kept.has(field.name));
  wanted.forEach((field) => {
    if (["radio", "checkbox"].includes(field.type)) field.checked = values[field.name].includes(field.value);
    else field.value = values[field.name][0] ?? "";
  });
  if (wanted.length) form.dispatchEvent(new Event("change"));
}

export const draft = async (account, day) => (await get(account, `draft/${day}`)) ?? { client_id: "", fields: {}, at: "" };
export const drafts = (account) => list(account, "draft/");
export const drop = (account, day) => remove(account, `draft/${day}`);

let queue = Promise.resolve();

/** Saves one after the other, with the server's time as far as this phone knows it, so that the last tap wins. Another diary of the day (another client id) begins anew. */
export function save(account, day, form, client_id, instant) {
  const fields = read(form);
  const at = instant.toISOString();
  const keep = async () => {
    const before = await draft(account, day);
    const known = !client_id || !before.client_id || before.client_id === client_id ? before.fields : {};
    await put(account, `draft/${day}`, { day, client_id: client_id || before.client_id, at, fields: { ...known, ...fields } });
  };
  queue = queue.then(keep, keep);
  return queue;
}
