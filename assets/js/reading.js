// What people type -> answers, as the server's reader takes them (portal/domain/typed_entry.py and domain/questionnaire/typed.py).
// Both are tested with tests/support/reading_cases.json.

// Also what a keyboard or a copied text puts in unseen: no-break and zero-width spaces, marks of writing direction.
const SPACES = "[\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200b\\u200e\\u200f\\u2028-\\u202f\\u205f\\u2060\\u2066-\\u2069\\u3000\\ufeff]+";
const EDGES = new RegExp(`^${SPACES}|${SPACES}$`, "g");
const FROM = "０１２３４５６７８９．，。｡·・　－＋／";
const TO = "0123456789.,.... -+/";
const UNSTORABLE = /^[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]$/;
const WHOLE = /^[+-]?[0-9]{1,9}$/;
const THOUSANDS = /^[0-9]{1,3}(?:[ ,][0-9]{3})+$/;
const DECIMAL = /^[+-]?[0-9]{1,9}(?:\.[0-9]{0,9})?$/;

const strip = (text) => text.replace(EDGES, "");

/** What stands before the unit, in ASCII. */
function figures(text, units) {
  const line = strip([...text].map((one) => (FROM.includes(one) ? TO[FROM.indexOf(one)] : one)).join(""));
  const unit = units.find((one) => line.toLowerCase().endsWith(one));
  return unit === undefined ? line : strip(line.slice(0, -unit.length));
}

/** The figures of a number in one form, "" for anything else. */
function wholeFigures(text, units) {
  const line = figures(text, units);
  const plain = THOUSANDS.test(line) ? line.replace(/[ ,]/g, "") : line;
  return WHOLE.test(plain) ? plain : "";
}

function decimalFigures(text, units) {
  const line = figures(text, units).replace(/,/g, ".");
  return DECIMAL.test(line) ? line : "";
}

const fault = (code, params = {}) => ({ fault: code, params });
const answer = (value) => ({ value });
const placesOf = (line) => (line.split(".")[1] ?? "").replace(/0+$/, "").length;

function number(item, raw) {
  if (!strip(raw)) return undefined;
  const whole = item.kind === "integer";
  const line = (whole ? wholeFigures : decimalFigures)(raw, item.units ?? []);
  if (!line) return fault(whole ? "whole-number" : "number");
  const value = Number(line);
  if (!(value >= item.min && value <= item.max)) return fault("range", { minimum: item.low, maximum: item.high });
  return placesOf(line) > item.decimals ? fault("places", { places: item.decimals }) : answer(value);
}

function several(item, raw) {
  const ticked = (Array.isArray(raw) ? raw : [raw]).filter((code) => code !== "");
  if (!ticked.length) return undefined;
  if (ticked.some((code) => !item.codes.includes(code))) return fault("some-answer");
  const alone = ticked.length > 1 && item.exclusive.some((code) => ticked.includes(code));
  return alone ? fault("none-and-more") : answer(item.codes.filter((code) => ticked.includes(code)));
}

function words(item, raw) {
  const lines = [...raw.replace(/\r\n?/g, "\n")].filter((one) => !UNSTORABLE.test(one));
  const text = strip(lines.join(""));
  if (!text) return undefined;
  return [...text].length > item.longest ? fault("too-long", { maximum: item.longest }) : answer(text);
}

function areas(item, raw) {
  const marked = Object.entries(raw).filter(([, extent]) => extent !== "" && extent !== "none");
  return marked.length ? answer(Object.fromEntries(marked)) : undefined;
}

const YES_NO = { yes: true, no: false };
const known = (table, raw, code) => (Object.keys(table).includes(raw) ? answer(table[raw]) : fault(code));
const READ = {
  boolean: (item, raw) => known(YES_NO, raw, "yes-or-no"),
  score: (item, raw) => known(item.scores, raw, "one-answer"),
  choice: (item, raw) => (item.codes.includes(raw) ? answer(raw) : fault("one-answer")),
  integer: number,
  decimal: number,
  "multi-choice": several,
  "body-map": areas,
  text: words,
};
const MISSING = {
  boolean: "yes-or-no", integer: "whole-number", decimal: "number", score: "one-answer", choice: "one-answer",
  "multi-choice": "some-answer", "body-map": "some-area", text: "some-words",
};

/** {value}, {fault, params}, or undefined where nothing was entered. */
export const readAnswer = (item, raw) => (raw === "" ? undefined : READ[item.kind](item, raw));

/** A number for a condition between questions, whatever unit stands behind it; NaN for anything else. */
export const readNumber = (text) => Number(decimalFigures(text.replace(/[^0-9０-９.,．，。｡]+$/, ""), []) || NaN);

/** What is wrong by item: {fault, params}. items: the questions that are asked; pairs: [part, whole], the first no more than the second. */
export function readAll(items, raw, pairs) {
  const found = items.map((item) => [item, readAnswer(item, raw[item.id] ?? "")]);
  const answers = Object.fromEntries(found.filter(([, one]) => one && "value" in one).map(([item, one]) => [item.id, one.value]));
  const faults = Object.fromEntries(found.filter(([item, one]) => one?.fault || (!one && item.required))
    .map(([item, one]) => [item.id, one ?? fault(MISSING[item.kind])]));
  pairs.filter(([part, whole]) => answers[part] > answers[whole] && !faults[part])
    .forEach(([part, whole]) => { faults[part] = fault("more-than", { count: answers[whole] }); });
  return { answers, faults };
}

const two = (figure) => String(figure).padStart(2, "0");

/** The parts of an instant on a wall clock, from figures and never from a locale's way of writing a date. */
function clockParts(at, timeZone) {
  const asked = { timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
  try {
    const parts = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", asked).formatToParts(at);
    const found = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
    if (["year", "month", "day", "hour", "minute"].every((type) => Number.isInteger(found[type]))) return found;
  } catch {
    // An engine that does not know the zone: the phone's own clock is the next best.
  }
  return { year: at.getFullYear(), month: at.getMonth() + 1, day: at.getDate(), hour: at.getHours(), minute: at.getMinutes() };
}

/** The calendar day of an instant in a time zone: 2026-11-24. */
export function localDay(at, timeZone) {
  const { year, month, day } = clockParts(at, timeZone);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** The time of day of an instant in a time zone: 09:05. */
export function localTime(at, timeZone) {
  const { hour, minute } = clockParts(at, timeZone);
  return `${two(hour % 24)}:${two(minute)}`;
}

/** Is it a calendar day as the server takes it? */
export const isDay = (text) => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
export const dayBefore = (on) => new Date(Date.parse(`${on}T00:00:00Z`) - 86400000).toJSON().slice(0, 10);
export const weekday = (on) => new Date(`${on}T00:00:00Z`).getUTCDay() || 7;
