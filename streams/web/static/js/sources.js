// The sources: how many articles each has had, how old the last one is, what was not analysed, and which are silent.

import { byId, element, refill } from "./dom.js";
import { counted, duration, language, number, percent, reason, time } from "./words.js";

// Rows of the table, without that of all other sources. `telex status --sources` shows all.
const SHOWN = 200;
// Names of silent sources above the table.
const NAMED = 10;
// From this share on an analysis that is missing is marked: it is then no longer the odd article.
const MUCH = 0.5;
const COLUMNS = ["Source", "Language", "Last hour", "Last day", "Last article", "Not analysed"];

export function showSources({ since, sources }) {
  refill(byId("sources"), content(since, sources));
}

export function showNoSources(message) {
  refill(byId("sources"), element("p", { class: "state ill" }, message));
}

function content(since, sources) {
  if (!sources.length) return [element("p", { class: "quiet" }, "No source has had an article in the last two days.")];
  const named = sources.filter((row) => row.source !== "other");
  // The silent ones first: they are what somebody looks for.
  const sorted = [...named.filter((row) => row.silent), ...named.filter((row) => !row.silent)];
  const rest = sorted.length - SHOWN;
  const rows = [...sorted.slice(0, SHOWN), ...sources.filter((row) => row.source === "other")];
  return [
    summary(named),
    sources.some((row) => row.articles_last_day === null) && element("p", { class: "quiet" }, `Only the articles since ${time(since)} are counted: before that there are too many, or they are deleted.`),
    table(rows),
    rest > 0 && element("p", { class: "quiet" }, `And ${counted(rest, "row")} more: telex status --sources`),
  ].filter(Boolean);
}

function summary(named) {
  const all = new Set(named.map((row) => row.source));
  const silent = [...new Set(named.filter((row) => row.silent).map((row) => row.source))];
  if (!silent.length) return element("p", { class: "state well" }, `${counted(all.size, "source")}, and none is silent`);
  const names = silent.slice(0, NAMED).flatMap((name, at) => [at ? ", " : " ", element("bdi", {}, name)]);
  const more = silent.length > NAMED ? ` and ${number(silent.length - NAMED)} more` : "";
  return element("p", { class: "state ill" }, `${number(silent.length)} of ${counted(all.size, "source")} silent:`, names, more);
}

function table(rows) {
  return element(
    "table",
    {},
    element("caption", { class: "hidden" }, "Articles of each source and language. Silent is a source that has been without an article for more than twice its longest pause."),
    element("thead", {}, element("tr", {}, COLUMNS.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, rows.map(row)),
  );
}

function row(found) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("bdi", {}, found.source)),
    element("td", {}, language(found.language)),
    element("td", { class: "count" }, amount(found.articles_last_hour)),
    element("td", { class: "count" }, amount(found.articles_last_day)),
    element("td", {}, found.silent && element("span", { class: "state ill" }, "silent"), found.silent && ", ", `${duration(found.age_s)} ago`),
    element("td", {}, missing(found.not_analysed)),
  );
}

/** A number of articles; a question mark where it is not known. */
const amount = (articles) => (articles === null ? "?" : number(articles));

/** What was not analysed: a list of the stages with their shares and reasons. */
function missing(shares) {
  const parts = Object.entries(shares).flatMap(([stage, reasons]) =>
    Object.entries(reasons).map(([code, share]) => element("li", share >= MUCH ? { class: "much" } : {}, `${stage} ${percent(share, 1)} (${reason(code)})`)),
  );
  return parts.length ? element("ul", {}, parts) : null;
}
