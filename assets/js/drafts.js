// What has been typed and not sent, kept on this phone from the first tap on: by day, as the form would send it.
import { get, list, put, remove } from "./store.js";

const SKIPPED = ["csrf_token", "client-id", "then"];
const typed = (form) => [...form.elements].filter((field) => field.name && !SKIPPED.includes(field.name) && field.type !== "file");

/** The values of a form by name; every name it has is there, so that what was taken away stays away. */
export function read(form) {
  const values = {};
  typed(form).forEach((field) => {
    values[field.name] ??= [];
    if (!["radio", "checkbox"].includes(field.type) || field.checked) values[field.name].push(field.value);
  });
  return values;
}

export function fill(form, values) {
  typed(form).filter((field) => field.name in values).forEach((field) => {
    if (["radio", "checkbox"].includes(field.type)) field.checked = values[field.name].includes(field.value);
    else field.value = values[field.name][0] ?? "";
  });
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

export const draft = async (account, day) => (await get(account, `draft/${day}`)) ?? { client_id: "", fields: {} };
export const drafts = (account) => list(account, "draft/");
export const drop = (account, day) => remove(account, `draft/${day}`);

let queue = Promise.resolve();

/** Saves one after the other, so that the last tap wins. */
export function save(account, day, form, client_id) {
  const fields = read(form);
  queue = queue.then(async () => {
    const before = await draft(account, day);
    await put(account, `draft/${day}`, { day, client_id: client_id || before.client_id, fields: { ...before.fields, ...fields } });
  });
  return queue;
}
