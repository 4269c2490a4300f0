// The beginning of a text with its entities marked.
//
// The offsets of mentions count code points. JavaScript's strings count UTF-16 units, of which an emoji has two. So the
// text is taken apart into code points, and no further than it is shown.

import { element } from "./dom.js";
import { type } from "./words.js";

// A cut goes back to the last space among so many code points.
const CUT_BACK = 40;
// An override makes letters appear in another order than they are written. No news text needs one.
const OVERRIDES = /[\u202D\u202E]/g;
// Line breaks and tabs stay. The other control characters have no picture.
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** Text of an article as it may be shown: the same number of code points, without the characters that mislead. */
export function harmless(text) {
  return text.replace(OVERRIDES, "�").replace(CONTROLS, " ");
}

/**
 * The first code points of a text, and its mentions that lie in them.
 *
 * @param {string} text
 * @param {{start: number, end: number, text: string, type: string, name: string}[]} mentions of this text
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
    nodes.push(harmless(points.slice(at, mention.start).join("")));
    nodes.push(mark(mention));
    at = mention.end;
  }
  nodes.push(harmless(points.slice(at, end).join("")));
  if (!isWhole) nodes.push(" …");
  return { nodes: nodes.filter((node) => node !== ""), isWhole };
}

/** A copy of the first code points. A slice would keep the whole text in memory, which may have a megabyte. */
export function beginning(text, count) {
  return firstPoints(text, count).join("");
}

function firstPoints(text, count) {
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

function mark({ name, type: kind, text }) {
  return element("mark", { class: `entity ${type(kind)}`, "data-entity": name, title: type(kind) }, harmless(text));
}
