// The card of one article.

import { TEXT, TITLE } from "./article.js";
import { element, refill } from "./dom.js";
import { markedText } from "./marked-text.js";
import { counted, language, number, reason, score, short, time, type } from "./words.js";

// Code points of a text that a card shows at first.
const SHORT = 320;
// Characters by which a screen reader tells the cards apart.
const LABEL = 120;
const RELATIONS = {
  first: "opens the story",
  duplicate: "copy in the story",
  near_duplicate: "edit in the story",
  same_story: "another report on",
};

/**
 * The card of an article.
 *
 * @param {object} article what `kept` has kept of it
 * @param {{entity: Function, language: Function, sentiment: Function}} follow what a click on one of these does
 */
export function card(article, follow) {
  return element(
    "article",
    {
      class: "card",
      tabindex: 0,
      "data-id": article.id,
      "aria-label": (article.title || article.text || article.id).slice(0, LABEL),
    },
    meta(article, follow),
    title(article),
    body(article),
    chips(article, follow),
    element("p", { class: "story", hidden: true }),
  );
}

function meta({ time: moment, source, language: found, sentiment, link }, follow) {
  return element(
    "div",
    { class: "meta" },
    element("time", { datetime: moment }, time(moment)),
    source && element("bdi", { class: "source" }, source),
    found.code
      ? element("button", { type: "button", class: "plain", onclick: () => follow.language(found.code) }, language(found.code))
      : element("span", {}, `language: ${reason(found.missing)}`),
    tone(sentiment, follow),
    link && element("a", { href: link.href, target: "_blank", rel: "noopener noreferrer" }, link.host),
  );
}

function tone({ label, score: value, missing }, follow) {
  if (!label) return element("span", {}, `sentiment: ${reason(missing)}`);
  return element(
    "button",
    { type: "button", class: `plain tone ${label}`, onclick: () => follow.sentiment(label) },
    `${label} ${score(value)}`,
  );
}

function title({ title: text, mentions, language: { tag } }) {
  if (!text) return null;
  const { nodes } = markedText(text, mentions.filter((mention) => mention.field === "title"), TITLE);
  return element("h3", { dir: "auto", lang: tag }, nodes);
}

function body({ text, length, mentions, language: { tag } }) {
  const inText = mentions.filter((mention) => mention.field === "text");
  const first = markedText(text, inText, SHORT);
  const paragraph = element("p", { class: "text", dir: "auto", lang: tag }, first.nodes);
  if (first.isWhole) return paragraph;
  const more = element("button", { type: "button", class: "plain more", "aria-expanded": "false" }, "More");
  more.addEventListener("click", () => {
    const opens = more.getAttribute("aria-expanded") === "false";
    const shown = markedText(text, inText, opens ? TEXT : SHORT);
    paragraph.replaceChildren(...element("p", {}, shown.nodes).childNodes);
    paragraph.classList.toggle("open", opens);
    more.setAttribute("aria-expanded", String(opens));
    more.textContent = !opens ? "More" : text.length === length ? "Less" : `Less (of ${number(length)} characters)`;
  });
  return [paragraph, more];
}

function chips({ entities, more, missing }, follow) {
  if (!entities) return element("p", { class: "missing" }, `Entities not analysed: ${reason(missing)}`);
  if (!entities.length) return element("p", { class: "missing" }, "No entities");
  return element(
    "ul",
    { class: "chips", "aria-label": "Entities" },
    entities.map((entity) => element("li", {}, chip(entity, follow))),
    more > 0 && element("li", { class: "missing" }, `and ${number(more)} more`),
  );
}

function chip({ name, type: kind, count, tone: towards }, follow) {
  const spoken = towards && towards !== "neutral" ? `, spoken of ${towards}ly` : "";
  return element(
    "button",
    { type: "button", class: `chip ${type(kind)}`, title: `${type(kind)}${spoken}`, onclick: () => follow.entity(name) },
    element("bdi", {}, name),
    count > 1 && ` ×${number(count)}`,
    towards === "positive" && " ▲",
    towards === "negative" && " ▼",
    element("span", { class: "hidden" }, ` ${type(kind)}${spoken}`),
  );
}

/** Show to which story the article of a card belongs, where others report it too. */
export function showStory(made, story) {
  const line = made.querySelector(".story");
  line.hidden = !(story?.articles > 1);
  if (line.hidden) return;
  const name = story.title ?? story.story;
  const link = element("a", { href: `#${story.anchor}`, dir: "auto" }, short(name));
  refill(line, `${counted(story.articles, "report")} · ${RELATIONS[story.relation] ?? "in the story"} `, link);
}
