// Makes elements. Text is always text: nothing here or elsewhere reads markup.

const SVG = "http://www.w3.org/2000/svg";
// An override makes letters appear in another order than they are written. No news text needs one.
const OVERRIDES = /[\u202D\u202E]/g;
// Line breaks and tabs stay. The other control characters have no picture.
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
// Attributes that people read.
const WORDS = ["title", "aria-label"];

/** An element with attributes, listeners (`onclick`) and children. A child that is null or false is left out. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for a part of a drawing. */
export function drawn(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

export function byId(id) {
  return document.getElementById(id);
}

/**
 * Put other children into a place that somebody may be reading. The focus stays on what has the same name.
 *
 * While a button there is pressed nothing changes: a click needs the same button at its end. The next answer comes soon.
 */
export function refill(place, ...children) {
  if (place.querySelector(":active")) return;
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  place.replaceChildren(...children.flat());
  if (!focused || place === focused) return;
  const same = [...place.querySelectorAll(focused.tagName)].find((node) => nameOf(node) === nameOf(focused));
  (same ?? place.closest("[tabindex]"))?.focus({ preventScroll: true });
}

/** What an element stands for: its text, unless that has a number in it that changes. */
function nameOf(node) {
  return node.dataset.name ?? node.textContent;
}

/** Text as it may be shown: the same number of code points, without the characters that mislead. */
function harmless(text) {
  return text.replace(OVERRIDES, "�").replace(CONTROLS, " ");
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : WORDS.includes(name) ? harmless(String(value)) : String(value));
  }
  const shown = children.flat().filter((child) => child !== null && child !== undefined && child !== false);
  made.append(...shown.map((child) => (child instanceof Node ? child : harmless(String(child)))));
  return made;
}
