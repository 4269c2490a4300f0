// How numbers, times, languages and reasons are written.

const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
const countryNames = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const numbers = new Intl.NumberFormat("en");

export const number = (count) => numbers.format(count);

/** The beginning of a text, for a list. A character of two UTF-16 units is not cut in two. */
export function short(text, length = 90) {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, "").trimEnd()}…`;
}

export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

export const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "0 %");

/** The name of a language; its code where it has none. */
export function language(code) {
  return /^[a-z]{2,3}$/.test(code ?? "") ? languageNames.of(code) : String(code);
}

export function country(code) {
  return /^[A-Z]{2}$/.test(code) ? countryNames.of(code) : code;
}

/** The time of today, and the day of an older moment. */
export function time(text) {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) return "";
  return Date.now() - moment < 20 * 3600 * 1000 ? clock.format(moment) : day.format(moment);
}

export function shortTime(text) {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? "" : minute.format(moment);
}

const UNITS = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** So many seconds in words, such as 3 h. */
export function duration(seconds) {
  const [width, unit] = UNITS.find(([each]) => seconds >= each) ?? UNITS.at(-1);
  return `${number(Math.floor(seconds / width))} ${unit}`;
}

/** A reason why a stage has no result: `no_model_for_language` in words. */
export const reason = (code) => String(code ?? "not yet").replaceAll("_", " ");

export const type = (name) => String(name).toLowerCase();

/** A score with its sign, such as +0.42. */
export const score = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
