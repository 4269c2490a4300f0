// What the page keeps of an article. An article may have megabytes and thousands of entities, and a publisher or an
// analyser may have put anything into its fields, also in the place of a text or a number.

import { firstPoints } from "./marked-text.js";

// Code points of a text and of a title that are kept, and entities.
export const TEXT = 2000;
export const TITLE = 300;
const ENTITIES = 8;
// Mentions that are kept. Text of that length has fewer.
const MENTIONS = 600;
const TYPES = ["PERSON", "ORGANIZATION", "LOCATION", "MISC"];
const LABELS = ["negative", "neutral", "positive"];
// Code points of the source, and the longest name that the server takes as a filter. A longer one is no name.
const SOURCE = 80;
const NAME = 200;

/**
 * The part of an article that a card shows.
 *
 * @param {{time: string, article: object}} received an event of the stream
 */
export function kept({ time, article }) {
  const entities = entitiesOf(article.entities);
  const text = textOf(article.text);
  return {
    time,
    id: textOf(article.id),
    title: beginning(textOf(article.title), TITLE + 1),
    text: beginning(text, TEXT + 1),
    length: text.length,
    source: beginning(textOf(article.source), SOURCE),
    link: link(article.url),
    language: languageOf(article.language),
    sentiment: sentimentOf(article.sentiment),
    entities: entities && named(entities, article.sentiment),
    more: Math.max(0, (entities?.length ?? 0) - ENTITIES),
    missing: entities ? null : reasonOf(article.entities),
    mentions: mentions(entities ?? []),
  };
}

/** A text; an empty one where there is something else. */
const textOf = (value) => (typeof value === "string" ? value : "");

function languageOf(analysis) {
  if (analysis?.status !== "analysed" || !/^[a-z]{2,3}$/.test(textOf(analysis.code))) return { missing: reasonOf(analysis) };
  const script = /^[A-Z][a-z]{3}$/.test(textOf(analysis.script)) ? `-${analysis.script}` : "";
  // The tag (BCP 47), by which the browser chooses fonts and hyphens, and a screen reader its voice.
  return { code: analysis.code, tag: analysis.code + script };
}

function sentimentOf(analysis) {
  if (analysis?.status !== "analysed" || !LABELS.includes(analysis.label)) return { missing: reasonOf(analysis) };
  return { label: analysis.label, score: Number.isFinite(analysis.score) ? analysis.score : 0 };
}

function entitiesOf(analysis) {
  if (analysis?.status !== "analysed" || !Array.isArray(analysis.items)) return null;
  return analysis.items.filter(
    (entity) => typeof entity?.name === "string" && entity.name.length <= NAME && TYPES.includes(entity.type),
  );
}

/** The entities with most mentions, each with the tone in which the article speaks of it. */
function named(entities, sentiment) {
  const targets = Array.isArray(sentiment?.targets) ? sentiment.targets : [];
  const tones = new Map(targets.map((target) => [`${textOf(target?.type)} ${textOf(target?.name)}`, target?.label]));
  return entities.slice(0, ENTITIES).map(({ name, type, count }) => ({
    name: whole(name),
    type,
    count: Number.isSafeInteger(count) && count > 0 ? count : 1,
    tone: LABELS.find((label) => label === tones.get(`${type} ${name}`)) ?? null,
  }));
}

/** The mentions that lie in what is kept of the title and the text, in their order. */
function mentions(entities) {
  return entities
    .flatMap(({ name, type, mentions: found }) => (Array.isArray(found) ? found.filter(isKept).map((mention) => ({ mention, name, type })) : []))
    .sort((one, other) => one.mention.start - other.mention.start)
    .slice(0, MENTIONS)
    .map(({ mention: { field, start, end, text }, name, type }) => ({ field, start, end, text: whole(text), name: whole(name), type }));
}

function isKept(mention) {
  const limit = { title: TITLE, text: TEXT }[textOf(mention?.field)];
  return Number.isInteger(mention?.start) && mention.start >= 0 && Number.isInteger(mention.end) && mention.end <= limit && typeof mention.text === "string";
}

/** The address of an article. Only addresses of the web are links. */
function link(address) {
  const url = typeof address === "string" ? URL.parse(address) : null;
  return url && ["https:", "http:"].includes(url.protocol) ? { href: url.href, host: url.hostname } : null;
}

const reasonOf = (analysis) => (textOf(analysis?.reason) || "not yet").slice(0, 100);

/** A copy of the first code points. A slice would keep the whole text in memory. */
function beginning(text, count) {
  return firstPoints(text, count).join("");
}

const whole = (text) => beginning(text, text.length);
