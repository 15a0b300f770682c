// The answers that stand in a form, as the server's form reader takes them, and in words.
import { readAll } from "./reading.js";

const CHOSEN = ["radio", "checkbox"];

export const fields = (form, id) => [...form.elements].filter((field) => field.name === id || field.name.startsWith(`${id}.`));
export const isAsked = (form, item) => fields(form, item.id).some((field) => !field.closest("[hidden][data-enable-when]"));

function areas(form, id) {
  const picked = fields(form, id).filter((field) => field.checked && field.value !== "none");
  return Object.fromEntries(picked.map((field) => [field.name.slice(id.length + 1), field.value]));
}

/** What was typed: "" / "yes" / codes / {region: extent}. */
export function raw(form, item) {
  if (item.kind === "body-map") return areas(form, item.id);
  const given = fields(form, item.id).filter((field) => !CHOSEN.includes(field.type) || field.checked).map((field) => field.value);
  return item.kind === "multi-choice" ? given : given[0] ?? "";
}

/** Of the questions of `items` that are asked: what was typed, the answers that can be read, and what is wrong by id. */
export function readForm(form, items, pairs) {
  const asked = items.filter((item) => isAsked(form, item));
  const typed = Object.fromEntries(asked.map((item) => [item.id, raw(form, item)]));
  return { typed, ...readAll(asked, typed, pairs) };
}

export function questionWords(form, id) {
  const [field] = fields(form, id);
  return field.closest(".nhsuk-form-group").querySelector("legend, label").textContent.trim();
}

export function answerWords(form, item) {
  if (item.kind === "body-map") return fields(form, item.id).filter((field) => field.checked && field.value !== "none")
    .map((field) => `${field.closest("fieldset").querySelector("legend").textContent}: ${field.labels[0].textContent}`).join("; ");
  return fields(form, item.id).filter((field) => (CHOSEN.includes(field.type) ? field.checked : field.value.trim()))
    .map((field) => (field.labels[0] && CHOSEN.includes(field.type) ? field.labels[0].textContent.trim() : field.value)).join("; ");
}

/** A red sign as the card says it: the option that was ticked, else the question with its answer. */
export function signWords(form, item, value) {
  const option = item.kind === "multi-choice" && fields(form, item.id).find((field) => field.value === value);
  return option ? option.labels[0].textContent.trim() : `${questionWords(form, item.id)} ${answerWords(form, item)}`;
}
