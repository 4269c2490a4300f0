// The beginning of a text with its entities marked.
//
// The offsets of mentions count code points. JavaScript's strings count UTF-16 units, of which an emoji has two. So the
// text is taken apart into code points, and no further than it is shown.

import { element } from "./dom.js";
import { type } from "./words.js";

// A cut goes back to the last space among so many code points.
const CUT_BACK = 40;

/**
 * The first code points of a text, and its mentions that lie in them.
 *
 * @param {string} text
 * @param {{field: string, start: number, end: number, text: string, type: string, name: string}[]} mentions of this text
 * @param {number} limit the most code points
 * @returns {{nodes: (string|Node)[], isWhole: boolean}}
 */
export function markedText(text, mentions, limit) {
  const points = firstPoints(text, limit + 1);
  const isWhole = points.length <= limit;
  const inside = valid(mentions, points);
  const end = isWhole ? points.length : cut(points, limit, inside);
  const nodes = [];
  let at = 0;
  for (const mention of inside) {
    if (mention.end > end) break;
    nodes.push(points.slice(at, mention.start).join(""));
    nodes.push(mark(mention));
    at = mention.end;
  }
  nodes.push(points.slice(at, end).join(""));
  if (!isWhole) nodes.push(" …");
  return { nodes: nodes.filter((node) => node !== ""), isWhole };
}

/** The first code points of a text. */
export function firstPoints(text, count) {
  const points = [];
  for (const point of text) {
    if (points.length === count) break;
    points.push(point);
  }
  return points;
}

/** The mentions in their order, without those that overlap or whose text does not stand at their place. */
function valid(mentions, points) {
  const found = [];
  let at = 0;
  for (const mention of [...mentions].sort((one, other) => one.start - other.start)) {
    if (mention.start < at || mention.end <= mention.start || mention.end > points.length) continue;
    if (points.slice(mention.start, mention.end).join("") !== mention.text) continue;
    found.push(mention);
    at = mention.end;
  }
  return found;
}

/** Where to cut: not within a mention, and after a word where there is a space. */
function cut(points, limit, mentions) {
  let end = limit;
  for (let back = limit; back > Math.max(0, limit - CUT_BACK); back -= 1) {
    if (/\s/.test(points[back])) {
      end = back;
      break;
    }
  }
  const across = mentions.find((mention) => mention.start < end && mention.end > end);
  return across ? across.start : end;
}

/** The mark of a mention. Its tooltip has the name of the entity, and the place that Telex gives. */
function mark({ name, type: kind, text, field, start, end }) {
  const title = `${name} (${type(kind)}), ${field}[${start}:${end}]`;
  return element("mark", { class: `entity ${type(kind)}`, "data-entity": name, title }, text);
}
