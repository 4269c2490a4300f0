// The watches and their last matches.

import { byId, element, refill } from "./dom.js";
import { number, short, time } from "./words.js";

const SHOWN = 20;
const MATCHES = 3;
const NAMES = 4;
// Characters of the conditions: a watch may have 200 names.
const CONDITIONS = 300;

export function showWatches({ watches, count, message }) {
  refill(byId("watches-body"), content(watches, count, message));
}

function content(watches, count, message) {
  if (!watches.length) {
    return [
      element("p", { class: "quiet" }, message ?? "No watches yet. A watch names what you wait for:"),
      message ? "" : element("p", {}, element("code", {}, 'telex watch add merkel --entity "Angela Merkel"')),
    ];
  }
  const rest = count - Math.min(SHOWN, watches.length);
  return [
    element("ul", { class: "list" }, watches.slice(0, SHOWN).map(item)),
    rest > 0 ? element("p", { class: "quiet" }, `And ${number(rest)} more: telex watch list`) : "",
  ];
}

function item(watch) {
  return element(
    "li",
    {},
    element("a", { class: "title", href: `/?${watch.query}` }, watch.name),
    element("p", { class: "about" }, element("bdi", {}, short(conditions(watch.filter), CONDITIONS)), watch.webhook ? ", sent to a webhook" : ""),
    watch.matches.length
      ? element("ol", {}, watch.matches.slice(0, MATCHES).map(match))
      : element("p", { class: "about" }, "No match yet."),
  );
}

function match({ time: moment, title, match: record }) {
  const names = [...(record.entities ?? []).map((entity) => entity.name), ...(record.passages ?? []).map((passage) => passage.text)];
  const shown = [...new Set(names)].slice(0, NAMES).map((name) => short(name)).join(", ");
  return element(
    "li",
    {},
    element("bdi", {}, short(title ?? record.article.id ?? "")),
    element("span", { class: "about" }, ` ${time(moment)}`, shown ? ": " : "", element("bdi", {}, shown)),
  );
}

/** The conditions of a watch in words. */
function conditions(filter) {
  return Object.entries(filter).map(([name, values]) => `${name.replaceAll("_", " ")}: ${[values].flat().join(", ")}`).join("; ");
}
