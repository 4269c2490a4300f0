// The panel of the last hour: how much, in which languages, in which tone, and what is named most.

import { rows, tones } from "./bars.js";
import { byId, drawn, element, refill } from "./dom.js";
import { counted, language, number, percent, shortTime, type } from "./words.js";

const LANGUAGES = 6;
const ENTITIES = 14;
const LABELS = ["negative", "neutral", "positive"];

export function showHour(hour, follow) {
  const since = hour.since && Date.now() - new Date(hour.since) < 58 * 60_000 ? `Since ${shortTime(hour.since)}` : "The last hour";
  byId("hour-title").textContent = since;
  refill(byId("hour-body"), content(hour, follow));
}

function content(hour, follow) {
  if (!hour.articles) return [element("p", { class: "quiet" }, "No articles in the last hour.")];
  const spoken = LABELS.reduce((sum, label) => sum + (hour.sentiments[label] ?? 0), 0);
  return [
    element("p", { class: "figure" }, number(hour.articles), element("small", {}, hour.articles === 1 ? " article" : " articles")),
    minutes(hour.minutes),
    element("h3", {}, "Tone"),
    tones(hour.sentiments, spoken),
    element(
      "ul",
      { class: "tones" },
      LABELS.map((label) =>
        element(
          "li",
          {},
          element("button", { type: "button", class: `plain tone ${label}`, "data-name": label, onclick: () => follow.sentiment(label) }, `${label} ${percent(hour.sentiments[label] ?? 0, spoken)}`),
        ),
      ),
    ),
    element(
      "div",
      { class: "parts" },
      element("div", {}, element("h3", {}, "Languages"), rows("Languages", languages(hour, follow))),
      element(
        "div",
        {},
        element("h3", {}, "Named most, and how it is spoken of"),
        rows("Entities that are named most", entities(hour, follow)),
      ),
    ),
  ];
}

/** A bar for each minute, the current one last. */
function minutes(counts) {
  const most = Math.max(1, ...counts);
  const bars = counts.map((count, at) => {
    const height = count ? Math.max(1, (30 * count) / most) : 0;
    return drawn("rect", { x: 4 * at, y: 30 - height, width: 3, height });
  });
  const label = `Articles in each of the last 60 minutes: ${number(most)} at most in one, ${number(counts.at(-1))} in the current one.`;
  return drawn("svg", { class: "minutes", viewBox: "0 0 240 30", preserveAspectRatio: "none", role: "img", "aria-label": label }, bars);
}

function languages(hour, follow) {
  return Object.entries(hour.languages)
    .slice(0, LANGUAGES)
    .map(([code, count]) => ({
      name: element("button", { type: "button", class: "plain", onclick: () => follow.language(code) }, language(code)),
      count,
    }));
}

function entities(hour, follow) {
  return hour.entities.slice(0, ENTITIES).map((entity) => ({
    name: element(
      "button",
      {
        type: "button",
        class: `plain kind ${type(entity.type)}`,
        title: `${entity.name}, ${type(entity.type)}, in ${counted(entity.articles, "article")}`,
        onclick: () => follow.entity(entity.name),
      },
      element("bdi", {}, entity.name),
      element("span", { class: "hidden" }, ` ${type(entity.type)}`),
    ),
    count: entity.articles,
    tones: entity.tones,
  }));
}
