// A whole diary without a network: one screen at a time, from the page that is the same for everybody and the phone's own store.
import { draft, drafts, fill, save } from "./drafts.js";
import { watchEnableWhen } from "./enable-when.js";
import { answerWords, fields, isAsked, questionWords, readForm, signWords } from "./form-answers.js";
import { redSigns } from "./judge.js";
import { dropRed, enqueue, keepRed, known, reds, sendAtOnce, waiting } from "./outbox.js";
import { dayBefore, localDay, localTime, weekday } from "./reading.js";
import { fillCard } from "./red.js";

const root = document.getElementById("shell");
const config = JSON.parse(root.dataset.config);
const screens = [...root.querySelectorAll("[data-screen]")];
const heading = root.querySelector("h1");
const plainHeading = heading.textContent;
const card = root.querySelector("[data-red-card]");
const unsaved = [];
let facts;
let day;
let clientId = "";
let red = { signs: [], pages: {} };

const freshId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
const screen = (name) => screens.find(({ dataset }) => dataset.screen === name);
const pages = () => screens.filter((one) => one.dataset.page);
const itemsOf = (page) => config.pages.find(({ name }) => name === page.dataset.page).items
  .filter(({ id }) => id !== "weight" || weekday(day) === config.weightWeekday);
const about = () => ({ age: facts?.age ?? 30, weight: facts?.weight ?? null });
const bodyMap = () => JSON.parse(document.querySelector("[data-body-map]").dataset.table);
/** The server's time as far as this phone can know it: a clock that is wrong is wrong by as much as at the last visit. */
const now = () => new Date(Date.now() + (facts?.skew ?? 0));

/** The words of what is wrong with each answer of a page, as [item, words]. */
function faultsOf(page) {
  const items = itemsOf(page);
  const { faults } = readForm(page, items, config.pairs);
  return items.filter(({ id }) => faults[id]).map((item) => {
    const { fault, params } = faults[item.id];
    return [item, Object.entries(params).reduce((words, [name, value]) => words.replace(`%(${name})s`, value), config.faults[fault])];
  });
}

function showFaults(page) {
  const found = faultsOf(page);
  const box = root.querySelector("[data-errors]");
  box.hidden = !found.length;
  box.querySelector("ul").replaceChildren(...found.map(([item, words]) => {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${fields(page, item.id)[0].id}`;
    link.textContent = `${questionWords(page, item.id)} ${words}`;
    line.append(link);
    return line;
  }));
  if (found.length) box.focus();
  return found.length > 0;
}

function show(one, words) {
  screens.forEach((other) => { other.hidden = other !== one; });
  root.querySelector("[data-errors]").hidden = true;
  root.querySelector("[data-red-strip]").hidden = !(one.dataset.page && red.signs.length);
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

function drawReview(list) {
  const rows = pages().slice(0, -1).flatMap((page) => itemsOf(page).filter((item) => isAsked(page, item)).map((item) => {
    const row = document.createElement("div");
    row.className = "nhsuk-summary-list__row nhsuk-summary-list__row--no-actions";
    [["dt", "key", questionWords(page, item.id)], ["dd", "value", answerWords(page, item) || root.dataset.none]].forEach(([tag, part, text]) => {
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
  const found = pages().map((page) => readForm(page, itemsOf(page), config.pairs));
  return { raw: Object.assign({}, ...found.map(({ typed }) => typed)), answers: Object.assign({}, ...found.map(({ answers }) => answers)) };
}

/** The red signs that stand in the diary at this moment: [{key, words, emergency, page}]. */
function signsNow() {
  return redSigns(everything().answers, config, bodyMap(), about()).map((sign) => {
    const page = pages().find((one) => itemsOf(one).some(({ id }) => id === sign.question));
    const item = page && itemsOf(page).find(({ id }) => id === sign.question);
    const emergency = config.emergencies.includes(sign.value);
    return { key: sign.key, words: item ? signWords(page, item, sign.value) : "", emergency, page: page?.dataset.page ?? "" };
  });
}

/** The card, alone on the screen. `onward`: what its button to go on does, none where the diary is finished. */
function showCard(signs, onward) {
  fillCard(card, signs.map(({ words }) => words).filter(Boolean), signs.some(({ emergency }) => emergency));
  card.querySelector("[data-red-go]").hidden = !onward;
  card.querySelector("[data-red-mistake]").hidden = !onward || !signs.some(({ page }) => page);
  card.querySelector("[data-red-go]").onclick = onward;
  card.querySelector("[data-red-mistake]").onclick = () => showPage(pages().find(({ dataset }) => dataset.page === signs.find(({ page }) => page).page));
  show(screen("red"), root.dataset.title);
}

const report = () => queueItem(everything().raw);

function queueItem(raw) {
  const at = new Date();
  return {
    account: facts.account, client_id: clientId, diary_on: day, entered_at: at.toISOString(),
    offset_minutes: -at.getTimezoneOffset(), language: config.language, contact: facts.contact, raw,
  };
}

/** Kept until the server has been told, and on this phone until a nurse has spoken with them. */
function rememberRed() {
  if (!facts) return;
  keepRed(facts.account, { client_id: clientId, day, at: now().toISOString(), signs: red.signs, pages: red.pages, report: report() }).catch(sayUnsaved);
}

function sayUnsaved() {
  root.querySelectorAll("[data-unsaved]").forEach((one) => { one.hidden = false; });
}

/** After a page: its new red signs first, then a red that its answers no longer say, then what is wrong, then the next page. */
function next(event) {
  event.preventDefault();
  const page = event.target;
  const found = signsNow();
  const fresh = found.filter(({ key }) => !red.signs.some((one) => one.key === key));
  const gone = red.signs.filter(({ key, page: name }) => name === page.dataset.page && !found.some((one) => one.key === key));
  const last = page === pages().at(-1);
  red.signs = [...found, ...red.signs.filter(({ key }) => !found.some((one) => one.key === key))];
  if (found.length) found.forEach(({ page: name }) => { if (name) red.pages[name] = readPage(name); });
  if (found.length) rememberRed();
  if (gone.length) askMistake(gone, page);
  else if (fresh.length && !(last && !faultsOf(page).length)) showCard(found, () => goOn(page));
  else goOn(page);
}

const readPage = (name) => {
  const page = pages().find(({ dataset }) => dataset.page === name);
  const values = {};
  [...page.elements].filter((field) => field.name).forEach((field) => {
    if (!["radio", "checkbox"].includes(field.type) || field.checked) (values[field.name] ??= []).push(field.value);
  });
  return values;
};

/** An answer that was changed does not end a red: it is asked whether it was a mistake. */
function askMistake(gone, page) {
  const ask = screen("mistake");
  ask.querySelector("[data-mistake-signs]").textContent = gone.map(({ words }) => words).join("; ");
  ask.querySelector("[data-mistake-yes]").onclick = () => {
    red.signs = red.signs.filter(({ key }) => !gone.some((one) => one.key === key));
    gone.forEach(({ page: name }) => delete red.pages[name]);
    if (red.signs.length) rememberRed();
    else if (facts) dropRed(facts.account, clientId).catch(() => undefined);
    goOn(page);
  };
  ask.querySelector("[data-mistake-no]").onclick = () => showPage(page);
  show(ask, root.dataset.title);
}

function goOn(page) {
  if (!page.isConnected) return;
  showPage(page);
  if (showFaults(page)) return;
  const all = pages();
  const following = all[all.indexOf(page) + 1];
  if (following) showPage(following);
  else if (!showUnfinished()) finish();
}

/** Back to the first topic that still has something to mend; true when there is one. */
function showUnfinished() {
  const page = pages().find((one) => faultsOf(one).length);
  if (!page) return false;
  showPage(page);
  return showFaults(page);
}

/** What it came to is told first, from what is on the screen; then it is saved, or said that it could not be. */
async function finish() {
  const item = report();
  const signs = signsNow();
  pages().forEach((page) => page.reset());
  if (signs.length || red.signs.length) showCard(signs.length ? signs : red.signs, undefined);
  try {
    await enqueue(facts.account, item);
  } catch {
    unsaved.push(item);
    sayUnsaved();
  }
  if (screen("red").hidden) show(screen("kept"), root.dataset.title);
  root.querySelectorAll("[data-kept]").forEach((one) => { one.hidden = unsaved.length > 0; });
  (await navigator.serviceWorker?.ready)?.sync?.register("outbox").catch(() => undefined);
}

/** The diary arrived and its answer did not: what it came to must be known all the same. */
async function tellSent() {
  const [last] = (await drafts(facts.account)).sort((one, other) => (one.day < other.day ? 1 : -1));
  if (!last) return;
  day = last.day;
  pages().forEach((page) => fill(page, last.fields));
  const signs = signsNow();
  pages().forEach((page) => page.reset());
  if (signs.length) showCard(signs, undefined);
  else show(screen("arrived"), root.dataset.title);
  day = undefined;
}

async function start(on, name) {
  const kept = await draft(facts.account, on).catch(() => ({ client_id: "", fields: {} }));
  day = on;
  clientId = kept.client_id || freshId();
  red = (await reds(facts.account).catch(() => [])).find(({ client_id }) => client_id === clientId) ?? { signs: [], pages: {} };
  pages().forEach((page) => { page.reset(); fill(page, kept.fields); });
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
  const keep = (page) => { if (day) save(facts.account, day, page, clientId, now()).catch(sayUnsaved); };
  pages().forEach((page) => {
    page.addEventListener("submit", next);
    ["change", "input"].forEach((kind) => page.addEventListener(kind, () => keep(page)));
    page.querySelector("[data-back]").addEventListener("click", () => {
      const before = pages()[pages().indexOf(page) - 1];
      if (before) showPage(before);
      else show(screens[0], plainHeading);
    });
  });
}

/** "I feel unwell": the number first, the warning signs as ticks; they become answers of today's diary where one can be kept. */
function listenUnwell() {
  const form = screen("unwell");
  const first = pages()[0];
  root.querySelectorAll("[data-unwell]").forEach((button) => button.addEventListener("click", () => show(form, button.textContent.trim())));
  form.querySelector("[data-back]").addEventListener("click", () => show(screens[0], plainHeading));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ticked = [...form.elements].filter((field) => field.checked).map((field) => field.value);
    const mark = () => ticked.forEach((code) => { fields(first, "warning-signs").find((field) => field.value === code).checked = true; });
    mark();
    if (ticked.length) showCard(signsNow(), facts ? () => goOn(first) : undefined);
    if (!facts) return;
    await start(localDay(now(), facts.timezone), first.dataset.page);
    mark();
    if (!ticked.length) return;
    first.dispatchEvent(new Event("change"));
    next({ preventDefault() {}, target: first });
  });
}

/** The card of an earlier hour is still there: what the server said at the last visit, and what it has not been told yet. */
async function showEarlierReds() {
  const own = facts ? await reds(facts.account).catch(() => []) : [];
  const words = [...own.flatMap(({ signs }) => signs.map((sign) => sign.words)), ...(facts?.call?.signs ?? [])];
  const earlier = root.querySelector("[data-earlier]");
  earlier.hidden = !(own.length || facts?.call);
  if (earlier.hidden) return;
  const emergency = own.some(({ signs }) => signs.some((sign) => sign.emergency)) || Boolean(facts?.call?.breathing);
  fillCard(earlier, [...new Set(words.filter(Boolean))], emergency);
}

/** What this phone could not save is sent from the open page as soon as there is a connection; true with nothing to send. */
export async function sendUnsaved() {
  while (unsaved.length) {
    const result = await sendAtOnce(unsaved[0]);
    if (!result) return false;
    unsaved.shift();
    if (!unsaved.length) {
      location.assign(result.url || "/today");
      return false;
    }
  }
  return true;
}

function fillIn(own) {
  if (own.number) root.querySelectorAll("[data-say]").forEach((one) => { one.textContent = one.dataset.say.replace("{number}", own.number); });
  if (own.ward) document.querySelectorAll(".app-call-bar__link, [data-ward]").forEach((link) => { link.href = own.ward; });
}

/** Begins: today, yesterday while it is open, or the very page that was asked for when the network went. */
export async function runShell() {
  const home = (name) => { root.querySelectorAll("[data-known], [data-unknown], [data-closed-store]").forEach((one) => { one.hidden = !(name in one.dataset); }); };
  watchEnableWhen();
  try {
    facts = await known();
  } catch {
    listenUnwell();
    home("closedStore");
    return undefined;
  }
  home(facts ? "known" : "unknown");
  if (facts?.extraPage) addExtraPage(facts.extraPage);
  if (facts?.extraPage) watchEnableWhen();
  listenUnwell();
  if (!facts) return undefined;
  fillIn(facts);
  listen();
  const at = now();
  const today = localDay(at, facts.timezone);
  const held = (await waiting(facts.account).catch(() => [])).map(({ diary_on }) => diary_on);
  const late = localTime(at, facts.timezone) < config.lateUntil && !held.includes(dayBefore(today));
  root.querySelector("[data-yesterday]").hidden = !late;
  document.getElementById("start-today").addEventListener("click", () => start(today));
  document.getElementById("start-yesterday").addEventListener("click", () => start(dayBefore(today)));
  await showEarlierReds();
  const [, on, name] = location.pathname.match(/^\/diary\/(\d{4}-\d\d-\d\d)\/([a-z-]+)$/) ?? [];
  if (location.pathname.startsWith("/diary/sent/")) await tellSent();
  if (location.pathname === "/unwell") root.querySelector("[data-unwell]").click();
  if (on && !held.includes(on)) await start(on, name);
  return facts;
}

export const toldAge = () => facts?.age ?? 30;
