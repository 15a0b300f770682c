// The card "call now" in place, at the answer: before the next page, whether the server answers or not.
import { read } from "./drafts.js";
import { readForm, signWords } from "./form-answers.js";
import { redSigns } from "./judge.js";
import { keepRed } from "./outbox.js";

const facts = () => JSON.parse(document.getElementById("device")?.dataset.facts ?? "{}");
const isEmergency = (sign, emergencies) => emergencies.includes(sign.value);

/** Puts the signs into the card; 120 stands first where one of them is an emergency. */
export function fillCard(card, words, emergency) {
  card.querySelector("[data-red-signs]").replaceChildren(...words.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }));
  card.querySelector("[data-red-answered]").hidden = !words.length;
  card.querySelector("[data-emergency]").hidden = !emergency;
}

/** The red signs that stand in the form: [{key, words, emergency}]. */
export function signsIn(form, { items, pairs, emergencies, ...config }, map, about) {
  const { answers } = readForm(form, items, pairs);
  return redSigns(answers, config, map, about).map((sign) => {
    const item = items.find(({ id }) => id === sign.question);
    return { key: sign.key, words: item ? signWords(form, item, sign.value) : "", emergency: isEmergency(sign, emergencies) };
  });
}

function inPlace(form, card) {
  const config = JSON.parse(form.dataset.red);
  const map = JSON.parse(form.querySelector("[data-body-map]")?.dataset.table ?? "null");
  const { account, age = 30, weight = null } = facts();
  const signs = () => signsIn(form, config, map, { age, weight });
  const told = new Set("redKnown" in form.dataset ? signs().map(({ key }) => key) : []);
  const [, day, name] = location.pathname.match(/^\/diary\/([^/]+)\/([a-z-]+)$/) ?? [];
  const line = (state) => card.querySelectorAll("[data-red-state]").forEach((one) => { one.hidden = one.dataset.redState !== state; });
  const page = document.querySelector("[data-red-page]");
  let onward = "";

  async function tellServer(found) {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => undefined);
    const at = new URL(response?.url || "/", location.href);
    const kept = response?.redirected ? at.pathname.startsWith("/diary/") : response?.status === 422;
    line(kept ? "sent" : "unsent");
    if (!kept) return;
    at.searchParams.delete("red");
    onward = response.redirected ? at.href : "";
    await keep(found, true);
  }

  /** Kept on the phone, also once the server has it, until a page of the server's says how things stand. */
  const keep = (found, sent = false) => account && day && keepRed(account, {
    client_id: form.elements["client-id"].value, day, at: new Date().toISOString(), signs: found, pages: { [name]: read(form) }, sent,
  }).catch(() => undefined);

  function show(found) {
    fillCard(card, found.map(({ words }) => words), found.some(({ emergency }) => emergency));
    line("");
    page.hidden = true;
    card.hidden = false;
    card.focus();
    window.scrollTo(0, 0);
  }

  form.addEventListener("submit", async (event) => {
    const found = signs();
    const fresh = found.filter(({ key }) => !told.has(key));
    found.forEach(({ key }) => told.add(key));
    if (!fresh.length) return;
    event.preventDefault();
    show(found);
    await keep(found);
    await tellServer(found);
  });
  card.querySelector("[data-red-go]").addEventListener("click", () => {
    if (onward) location.assign(onward);
    else form.submit();
  });
  card.querySelector("[data-red-mistake]").addEventListener("click", () => {
    told.clear();
    card.hidden = true;
    page.hidden = false;
    form.querySelector("input:checked, input")?.focus();
  });
}

export function watchRed() {
  const form = document.querySelector("form[data-red]");
  const card = document.querySelector("[data-red-card]");
  if (form && card) inPlace(form, card);
}
