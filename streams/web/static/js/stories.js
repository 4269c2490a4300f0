// The stories with the newest reports, and to which story each article belongs.

import { byId, element, refill } from "./dom.js";
import { counted, reason, short, time } from "./words.js";

const SHOWN = 12;
const REPORTS = 10;

/** Show the stories. Returns the story of each article, by the id of the article. */
export function showStories({ stories, message }) {
  const byArticle = new Map();
  const several = stories.filter((story) => story.articles > 1);
  several.forEach((story, at) => {
    const anchor = at < SHOWN ? `story-${at}` : "stories";
    for (const report of story.reports) {
      byArticle.set(report.id, { ...story, anchor, relation: report.relation });
    }
  });
  const open = new Set([...document.querySelectorAll("#stories details[open]")].map((details) => details.dataset.story));
  refill(
    byId("stories-body"),
    several.length
      ? element("ol", { class: "list" }, several.slice(0, SHOWN).map((story, at) => item(story, at, open.has(story.story))))
      : element("p", { class: "quiet" }, message ?? nothing(stories.length)),
  );
  return byArticle;
}

/** What the panel says while no story has several reports. */
function nothing(single) {
  return single ? "Each article so far is a story of its own. Several reports of one event appear here together." : "No stories yet. Several reports of one event appear here together.";
}

function item(story, at, isOpen) {
  return element(
    "li",
    { id: `story-${at}` },
    element(
      "details",
      { open: isOpen, "data-story": story.story },
      element(
        "summary",
        { "data-name": story.story },
        element("span", { class: "title", dir: "auto" }, short(story.title ?? story.story)),
        element("span", { class: "about" }, ` ${counted(story.articles, "report")}, ${time(story.time)}`),
      ),
      element(
        "ol",
        {},
        story.reports.slice(0, REPORTS).map((report) =>
          element("li", {}, element("bdi", {}, short(report.title ?? report.id)), element("span", { class: "about" }, ` ${reason(report.relation)}, ${time(report.time)}`)),
        ),
      ),
    ),
  );
}
