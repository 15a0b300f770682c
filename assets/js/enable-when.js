// Shows and hides questions on the page by the rules the server also applies. It never clears what was typed.
import { readNumber } from "./reading.js";

const words = (value) => (value === true ? "true" : value === false ? "false" : String(value));
const same = (given, wanted) => {
  const alias = { yes: "true", no: "false" };
  const plain = (value) => alias[value] ?? value;
  const numeric = !Number.isNaN(readNumber(given)) && !Number.isNaN(readNumber(wanted));
  return numeric ? readNumber(given) === readNumber(wanted) : plain(given) === plain(wanted);
};
const tests = {
  "=": (given, wanted) => given.some((one) => same(one, wanted)),
  "!=": (given, wanted) => given.length > 0 && !given.some((one) => same(one, wanted)),
  ">": (given, wanted) => given.some((one) => readNumber(one) > readNumber(wanted)),
  "<": (given, wanted) => given.some((one) => readNumber(one) < readNumber(wanted)),
  ">=": (given, wanted) => given.some((one) => readNumber(one) >= readNumber(wanted)),
  "<=": (given, wanted) => given.some((one) => readNumber(one) <= readNumber(wanted)),
  exists: (given, wanted) => given.length > 0 === (wanted === "true"),
};

/** What is answered to `question` in `form`; a hidden question has no answer. */
function answers(form, question) {
  return [...form.elements]
    .filter((field) => field.name === question && !field.closest("[data-enable-when][hidden]"))
    .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
    .map((field) => field.value)
    .filter((value) => value.trim() !== "");
}

function onPage(form, question) {
  return [...form.elements].some((field) => field.name === question);
}

/** What an earlier page decided the server knows: such a rule never hides what the server has shown. */
function enabled(item, form) {
  const holds = (rule) => !onPage(form, rule.question) || tests[rule.operator](answers(form, rule.question), words(rule.answer));
  const rules = JSON.parse(item.dataset.enableWhen);
  return item.dataset.enableBehavior === "any" ? rules.some(holds) : rules.every(holds);
}

function refresh(form) {
  const items = [...form.querySelectorAll("[data-enable-when]")];
  for (let pass = 0; pass <= items.length; pass += 1) {
    const changed = items.filter((item) => item.hidden === enabled(item, form));
    changed.forEach((item) => { item.hidden = !item.hidden; });
    if (!changed.length) return;
  }
}

export function watchEnableWhen() {
  const forms = new Set([...document.querySelectorAll("[data-enable-when]")].map((item) => item.closest("form")));
  forms.delete(null);
  forms.forEach((form) => {
    ["input", "change"].forEach((kind) => form.addEventListener(kind, () => refresh(form)));
    refresh(form);
    form.querySelectorAll("[data-closed]").forEach((item) => item.removeAttribute("data-closed"));
  });
  window.addEventListener("pageshow", () => forms.forEach(refresh));
}
