// Rows with a name, a bar and a count; and bars of tones.

import { element } from "./dom.js";
import { number } from "./words.js";

const TONES = ["negative", "neutral", "positive"];

/** A list of rows. Each has a node for its name, a count, and, if it has one, its own bar. */
export function rows(label, entries) {
  const most = Math.max(1, ...entries.map(({ count }) => count));
  return element(
    "ul",
    { class: "rows", "aria-label": label },
    entries.map(({ name, count, bar }) =>
      element(
        "li",
        { class: "row" },
        element("span", { class: "name" }, name),
        bar ?? share(count / most),
        element("span", { class: "count" }, number(count)),
      ),
    ),
  );
}

/** A bar of three parts. It says in words what it shows. */
export function tones(counts, wide = false) {
  const bar = element("span", { class: wide ? "bar wide" : "bar", role: "img", "aria-label": inWords(counts) });
  for (const tone of TONES) {
    if (!counts[tone]) continue;
    const part = element("span", { class: tone });
    part.style.flex = String(counts[tone]);
    bar.append(part);
  }
  return bar;
}

export function inWords(counts) {
  const parts = TONES.filter((tone) => counts[tone]).map((tone) => `${number(counts[tone])} ${tone}`);
  return parts.join(", ") || "no tone";
}

function share(part) {
  const filled = element("span");
  filled.style.width = `${100 * part}%`;
  return element("span", { class: "bar", "aria-hidden": "true" }, filled);
}
