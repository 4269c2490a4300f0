// Rows with a name, a bar and a count; and bars of tones.

import { element } from "./dom.js";
import { number } from "./words.js";

const TONES = ["negative", "neutral", "positive"];

/** A list of rows. Each has a node for its name and a count, and may have counts of tones, which the rest lacks. */
export function rows(label, entries) {
  const most = Math.max(1, ...entries.map(({ count }) => count));
  return element(
    "ul",
    { class: "rows", "aria-label": label },
    entries.map(({ name, count, tones: counts }) =>
      element(
        "li",
        { class: "row" },
        element("span", { class: "name" }, name),
        counts ? tones(counts, count, count / most) : bar([["count", count]], most - count),
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
  const unknown = Math.max(0, articles - known.reduce((sum, tone) => sum + counts[tone], 0));
  return bar([...known.map((tone) => [tone, counts[tone]]), ["unknown", unknown]], articles / length - articles, label);
}

/** A bar of parts, each with its class and its size, and of free space. */
function bar(parts, free, label) {
  const made = element("span", { class: "bar", ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) });
  for (const [kind, size] of [...parts, ["free", free]]) {
    const part = element("span", { class: kind });
    part.style.flexGrow = String(size);
    if (size) made.append(part);
  }
  return made;
}
