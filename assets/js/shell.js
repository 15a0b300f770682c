// A whole diary without a network: one screen at a time, from the page that is the same for everybody and the phone's own store.
import { draft, drafts, fill, save } from "./drafts.js";
import { watchEnableWhen } from "./enable-when.js";
import { judge } from "./judge.js";
import { enqueue, known, waiting } from "./outbox.js";

const root = document.getElementById("shell");
const config = JSON.parse(root.dataset.config);
const screens = [...root.querySelectorAll("[data-screen]")];
const heading = root.querySelector("h1");
const plainHeading = heading.textContent;
let facts;
let day;

/** The local calendar day of an instant in the participant's time zone: 2026-11-24. */
export const localDay = (at, timeZone) => new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(at);
const localTime = (at, timeZone) => new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(at);
const dayBefore = (on) => new Date(Date.parse(on) - 86400000).toISOString().slice(0, 10);
const freshId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
const weekday = (on) => new Date(on).getUTCDay() || 7;

const pages = () => screens.filter((screen) => screen.dataset.page);
const items = (page) => config.pages.find(({ name }) => name === page.dataset.page).items
  .filter(({ id }) => id !== "weight" || weekday(day) === config.weightWeekday);

const fields = (page, id) => [...page.elements].filter((field) => field.name === id || field.name.startsWith(`${id}.`));
const asked = (page, item) => fields(page, item.id).some((field) => !field.closest("[hidden][data-enable-when]"));
const values = (page, name) => [...page.elements]
  .filter((field) => field.name === name && (!["radio", "checkbox"].includes(field.type) || field.checked))
  .map((field) => field.value.trim()).filter((value) => value !== "");

function areas(page, id) {
  const picked = fields(page, id).filter((field) => field.checked && field.value !== "none");
  return Object.fromEntries(picked.map((field) => [field.name.slice(id.length + 1), field.value]));
}

/** What was typed, as the server's form reader takes it: "" / "yes" / codes / {region: extent}. */
function raw(page, item) {
  if (item.kind === "body-map") return areas(page, item.id);
  const given = values(page, item.id);
  return item.kind === "multi-choice" ? given : given[0] ?? "";
}

const PLAIN = { "。": ".", "，": ".", ",": ".", "．": "." };
const number = (text) => Number(text.replace(/[０-９]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0)).replace(/[。，,．]/g, (one) => PLAIN[one]));

function typed(item, value) {
  const empty = value === "" || (typeof value === "object" && !Object.keys(value).length);
  if (empty) return undefined;
  if (item.kind === "boolean") return value === "yes";
  if (item.kind === "score") return item.scores[value];
  return ["integer", "decimal"].includes(item.kind) ? number(value) : value;
}

/** The words of what is wrong with an answer, "" when nothing is. */
function fault(page, item) {
  const value = typed(item, raw(page, item));
  if (value === undefined) return item.required ? root.dataset.missing : "";
  if (!("min" in item)) return "";
  const whole = item.kind === "decimal" || Number.isInteger(value);
  return whole && value >= item.min && value <= item.max ? "" : root.dataset.number;
}

const label = (page, item) => {
  const field = fields(page, item.id)[0];
  return (field.closest(".nhsuk-form-group").querySelector("legend, label")).textContent.trim();
};

function showFaults(page) {
  const found = items(page).filter((item) => asked(page, item)).map((item) => [item, fault(page, item)]).filter(([, words]) => words);
  const box = root.querySelector("[data-errors]");
  box.hidden = !found.length;
  box.querySelector("ul").replaceChildren(...found.map(([item, words]) => {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${fields(page, item.id)[0].id}`;
    link.textContent = `${label(page, item)} ${words}`;
    line.append(link);
    return line;
  }));
  if (found.length) box.focus();
  return found.length > 0;
}

function show(screen, words) {
  screens.forEach((one) => { one.hidden = one !== screen; });
  root.querySelector("[data-errors]").hidden = true;
  heading.textContent = words;
  heading.focus();
  window.scrollTo(0, 0);
}

function showPage(page) {
  const step = page.querySelector("[data-step]");
  step.textContent = step.dataset.step.replace("{step}", pages().indexOf(page) + 1).replace("{total}", pages().length);
  fields(page, "weight").forEach((field) => { field.closest(".app-question").hidden = weekday(day) !== config.weightWeekday; });
  const review = page.querySelector("[data-review]");
  if (review) drawReview(review);
  show(page, `${root.dataset.title} - ${page.dataset.title}`);
}

function answerWords(page, item) {
  if (item.kind === "body-map") return fields(page, item.id).filter((field) => field.checked && field.value !== "none")
    .map((field) => `${field.closest("fieldset").querySelector("legend").textContent}: ${field.labels[0].textContent}`).join("; ");
  return fields(page, item.id).filter((field) => (["radio", "checkbox"].includes(field.type) ? field.checked : field.value.trim()))
    .map((field) => (field.labels[0] && ["radio", "checkbox"].includes(field.type) ? field.labels[0].textContent.trim() : field.value)).join("; ");
}

function drawReview(list) {
  const rows = pages().slice(0, -1).flatMap((page) => items(page).filter((item) => asked(page, item)).map((item) => {
    const row = document.createElement("div");
    row.className = "nhsuk-summary-list__row nhsuk-summary-list__row--no-actions";
    [["dt", "key", label(page, item)], ["dd", "value", answerWords(page, item) || root.dataset.none]].forEach(([tag, part, text]) => {
      const cell = document.createElement(tag);
      cell.className = `nhsuk-summary-list__${part}`;
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  }));
  list.replaceChildren(...rows);
}

function everything() {
  const found = pages().flatMap((page) => items(page).filter((item) => asked(page, item)).map((item) => [item, raw(page, item)]));
  return {
    raw: Object.fromEntries(found.map(([item, value]) => [item.id, value])),
    answers: Object.fromEntries(found.map(([item, value]) => [item.id, typed(item, value)]).filter(([, value]) => value !== undefined)),
  };
}

async function finish() {
  const { raw: sent, answers } = everything();
  const at = new Date();
  const kept = await draft(facts.account, day);
  await enqueue(facts.account, {
    account: facts.account, client_id: kept.client_id || freshId(), diary_on: day, entered_at: at.toISOString(),
    offset_minutes: -at.getTimezoneOffset(), language: config.language, contact: facts.contact, raw: sent,
  });
  tell(answers, "kept");
  (await navigator.serviceWorker?.ready)?.sync?.register("outbox").catch(() => undefined);
}

/** Red first and alone, by the phone's own judgement; else the screen of that name. */
function tell(answers, otherwise) {
  const map = JSON.parse(document.querySelector("[data-body-map]").dataset.table);
  const red = judge(answers, config, map, facts) === "red";
  screens.filter((screen) => screen.dataset.page).forEach((page) => page.reset());
  show(screens.find(({ dataset }) => dataset.screen === (red ? "red" : otherwise)), root.dataset.title);
}

/** The diary arrived and its answer did not: what it came to must be known all the same. */
async function tellSent() {
  const [last] = (await drafts(facts.account)).sort((one, other) => (one.day < other.day ? 1 : -1));
  if (!last) return;
  day = last.day;
  pages().forEach((page) => fill(page, last.fields));
  tell(everything().answers, "arrived");
  day = undefined;
}

async function next(event) {
  event.preventDefault();
  const page = event.target;
  if (showFaults(page)) return;
  const all = pages();
  const following = all[all.indexOf(page) + 1];
  if (following) showPage(following);
  else await unfinished() || await finish();
}

/** Back to the first topic that still has something to mend; true when there is one. */
function unfinished() {
  const page = pages().find((one) => items(one).some((item) => asked(one, item) && fault(one, item)));
  if (!page) return false;
  showPage(page);
  return showFaults(page);
}

async function start(on, name) {
  day = on;
  const kept = await draft(facts.account, day);
  pages().forEach((page) => fill(page, kept.fields));
  showPage(pages().find((page) => page.dataset.page === name) ?? pages()[0]);
}

/** A page that only some are asked comes second, out of the phone's own store: the page for everybody has never heard of it. */
function addExtraPage({ until, html, page, rules }) {
  if (Date.now() > Date.parse(until)) return;
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const form = holder.content.querySelector("form");
  const [first] = pages();
  first.after(form);
  screens.splice(screens.indexOf(first) + 1, 0, form);
  config.pages.push(page);
  config.rules.push(...rules);
}

function listen() {
  pages().forEach((page) => {
    page.addEventListener("submit", next);
    page.addEventListener("change", () => { if (day) save(facts.account, day, page, ""); });
    page.addEventListener("input", () => { if (day) save(facts.account, day, page, ""); });
    page.querySelector("[data-back]").addEventListener("click", () => {
      const before = pages()[pages().indexOf(page) - 1];
      if (before) showPage(before);
      else show(screens[0], plainHeading);
    });
  });
}

/** Begins: today, yesterday while it is open, or the very page that was asked for when the network went. */
export async function runShell() {
  facts = await known();
  root.querySelector("[data-known]").hidden = !facts;
  root.querySelector("[data-unknown]").hidden = Boolean(facts);
  if (!facts) return undefined;
  const now = new Date();
  const today = localDay(now, facts.timezone);
  const held = (await waiting(facts.account)).map(({ diary_on }) => diary_on);
  if (facts.extraPage) addExtraPage(facts.extraPage);
  watchEnableWhen();
  listen();
  const late = localTime(now, facts.timezone) < config.lateUntil && !held.includes(dayBefore(today));
  root.querySelector("[data-yesterday]").hidden = !late;
  document.getElementById("start-today").addEventListener("click", () => start(today));
  document.getElementById("start-yesterday").addEventListener("click", () => start(dayBefore(today)));
  if (facts.ward) document.querySelectorAll(".app-call-bar__link").forEach((link) => { link.href = facts.ward; });
  const [, on, name] = location.pathname.match(/^\/diary\/(\d{4}-\d\d-\d\d)\/([a-z-]+)$/) ?? [];
  if (location.pathname.startsWith("/diary/sent/")) await tellSent();
  if (on && !held.includes(on)) await start(on, name);
  return facts;
}

export const toldAge = () => facts?.age ?? 30;
