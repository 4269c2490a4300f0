// Rows with a name, a bar and a count; and bars of tones.

import { element } from "./dom.js";
import { number } from "./words.js";

const TONES = ["negative", "neutral", "positive"];

/** A list of rows. Each has a node for its name and a count, and may have counts of tones. */
export function rows(label, entries) {
  const most = Math.max(1, ...entries.map(({ count }) => count));
  return element(
    "ul",
    { class: "rows", "aria-label": label },
    entries.map(({ name, count, tones: counts = {} }) =>
      element(
        "li",
        { class: "row" },
        element("span", { class: "name" }, name),
        tones(counts, count, count / most),
        element("span", { class: "count" }, number(count)),
      ),
    ),
  );
}

/**
 * A bar of the tones among so many articles. It says in words what it shows. The rest of it has no tone.
 *
 * @param {number} length of the bar: 0 to 1
 */
export function tones(counts, articles, length = 1) {
  const known = TONES.filter((tone) => counts[tone]);
  const label = known.map((tone) => `${number(counts[tone])} ${tone}`).join(", ");
  const bar = element("span", label ? { class: "bar", role: "img", "aria-label": label } : { class: "bar", "aria-hidden": "true" });
  const rest = Math.max(0, articles - known.reduce((sum, tone) => sum + counts[tone], 0));
  for (const [kind, count] of [...known.map((tone) => [tone, counts[tone]]), ["rest", rest], ["free", articles / length - articles]]) {
    const part = element("span", { class: kind });
    part.style.flex = String(count);
    if (count) bar.append(part);
  }
  return bar;
}
