// The card of one article.

import { element } from "./dom.js";
import { beginning, harmless, markedText } from "./marked-text.js";
import { counted, language, number, reason, score, time, type } from "./words.js";

// Code points of a text that a card shows at first, and after "More". What lies behind is not kept.
const SHORT = 320;
const LONG = 2000;
const TITLE = 300;
const CHIPS = 8;
const LABELS = ["negative", "neutral", "positive"];
const TYPES = ["PERSON", "ORGANIZATION", "LOCATION", "MISC"];
const NAME = 80;
// The longest name that the server takes as a filter. A longer one is no name.
const LONGEST_NAME = 200;

/**
 * The card of an article.
 *
 * @param {{time: string, article: object}} received
 * @param {{entity: Function, language: Function, sentiment: Function}} follow what a click on one of these does
 */
export function card({ time: moment, article }, follow) {
  const entities = items(article.entities);
  const mentions = entities.flatMap((entity) =>
    list(entity.mentions).map((mention) => ({ ...mention, name: entity.name, type: entity.type })),
  );
  const tag = languageTag(article.language);
  const made = element(
    "article",
    { class: "card", tabindex: 0, "data-id": article.id },
    meta(article, moment, follow),
    title(article, mentions, tag),
    ...body(article, mentions, tag),
    chips(article.entities, entities, article.sentiment, follow),
    element("p", { class: "story", hidden: true }),
  );
  made.setAttribute("aria-label", label(article));
  return made;
}

function meta(article, moment, follow) {
  return element(
    "div",
    { class: "meta" },
    element("time", { datetime: moment }, time(moment)),
    article.source ? element("bdi", { class: "source" }, short(article.source)) : null,
    languageButton(article.language, follow),
    tone(article.sentiment, follow),
    link(article.url),
  );
}

function languageButton(analysis, follow) {
  if (analysis?.status !== "analysed") return element("span", {}, `language: ${reason(analysis?.reason)}`);
  const { code } = analysis;
  const name = language(code);
  return element("button", { type: "button", class: "plain", onclick: () => follow.language(code) }, name);
}

function tone(analysis, follow) {
  if (analysis?.status !== "analysed" || !LABELS.includes(analysis.label)) {
    return element("span", {}, `sentiment: ${reason(analysis?.reason)}`);
  }
  const { label: found } = analysis;
  return element(
    "button",
    { type: "button", class: `plain tone ${found}`, onclick: () => follow.sentiment(found) },
    `${found} ${score(Number(analysis.score) || 0)}`,
  );
}

/** A link to the article. Only addresses of the web are links. */
function link(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  return element("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, short(url.hostname));
}

function title(article, mentions, tag) {
  if (!article.title) return null;
  const { nodes } = markedText(article.title, mentions.filter((mention) => mention.field === "title"), TITLE);
  return element("h3", { dir: "auto", lang: tag }, nodes);
}

function body(article, mentions, tag) {
  const inText = mentions.filter((mention) => mention.field === "text");
  const text = beginning(String(article.text ?? ""), LONG + 1);
  const first = markedText(text, inText, SHORT);
  const paragraph = element("p", { class: "text", dir: "auto", lang: tag }, first.nodes);
  if (first.isWhole) return [paragraph];
  const near = inText.filter((mention) => mention.end <= LONG);
  const whole = article.text.length;
  const more = element("button", { type: "button", class: "plain more", "aria-expanded": "false" }, "More");
  more.addEventListener("click", () => {
    const opens = more.getAttribute("aria-expanded") === "false";
    const shown = markedText(text, near, opens ? LONG : SHORT);
    paragraph.replaceChildren(...shown.nodes);
    more.setAttribute("aria-expanded", String(opens));
    more.textContent = !opens ? "More" : shown.isWhole && text.length === whole ? "Less" : `Less (of ${number(whole)} characters)`;
  });
  return [paragraph, more];
}

function chips(analysis, entities, sentiment, follow) {
  if (analysis?.status !== "analysed") {
    return element("p", { class: "missing" }, `Entities not analysed: ${reason(analysis?.reason)}`);
  }
  if (!entities.length) return element("p", { class: "missing" }, "No entities");
  const tones = new Map(list(sentiment?.targets).map((target) => [`${target.type} ${target.name}`, target.label]));
  const shown = entities.slice(0, CHIPS).map(({ name, type: kind, count }) => {
    const towards = tones.get(`${kind} ${name}`);
    const spoken = towards && towards !== "neutral" ? `, spoken of ${towards}ly` : "";
    return element(
      "li",
      {},
      element(
        "button",
        {
          type: "button",
          class: `chip ${type(kind)}`,
          title: `${type(kind)}${spoken}`,
          onclick: () => follow.entity(name),
        },
        element("bdi", {}, short(name)),
        count > 1 ? ` ×${count}` : null,
        towards === "positive" ? " ▲" : towards === "negative" ? " ▼" : null,
        element("span", { class: "hidden" }, ` ${type(kind)}${spoken}`),
      ),
    );
  });
  const rest = entities.length - shown.length;
  return element("ul", { class: "chips", "aria-label": "Entities" }, shown, rest > 0 ? element("li", { class: "missing" }, `and ${number(rest)} more`) : null);
}

/** Show to which story the article of a card belongs. */
export function showStory(made, story) {
  const line = made.querySelector(".story");
  line.hidden = !story;
  if (!story) return;
  const relation = { first: "opens the story", duplicate: "copy in the story", near_duplicate: "edit in the story", same_story: "another report on" }[story.relation] ?? "in the story";
  line.replaceChildren(
    `${counted(story.articles, "report")} · ${relation} `,
    element("a", { href: `#${story.anchor}`, dir: "auto" }, short(story.title ?? story.story)),
  );
}

function label(article) {
  return harmless(String(article.title || article.text || article.id || "").slice(0, 120));
}

const list = (value) => (Array.isArray(value) ? value : []);

/** The entities of an analysis, without what a publisher may have put into their place. */
function items(analysis) {
  if (analysis?.status !== "analysed") return [];
  return list(analysis.items).filter(
    (entity) => typeof entity?.name === "string" && entity.name.length <= LONGEST_NAME && TYPES.includes(entity.type),
  );
}

function short(text) {
  const clean = harmless(String(text));
  return clean.length <= NAME ? clean : `${clean.slice(0, NAME - 1)}…`;
}

/** The language for the browser (BCP 47), which chooses fonts, hyphens and the voice of a screen reader by it. */
function languageTag(analysis) {
  if (analysis?.status !== "analysed" || !/^[a-z]{2,3}$/.test(analysis.code)) return null;
  return /^[A-Z][a-z]{3}$/.test(analysis.script ?? "") ? `${analysis.code}-${analysis.script}` : analysis.code;
}
