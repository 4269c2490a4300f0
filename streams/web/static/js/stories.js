// The stories with the newest reports, and to which story each article belongs.

import { byId, element } from "./dom.js";
import { counted, reason, time } from "./words.js";

const SHOWN = 15;
const REPORTS = 10;

/** Show the stories. Returns the story of each article, by the id of the article. */
export function showStories({ stories, message }) {
  const byArticle = new Map();
  stories.forEach((story, at) => {
    const anchor = at < SHOWN ? `story-${at}` : "stories";
    for (const report of story.reports) {
      byArticle.set(report.id, { ...story, anchor, relation: report.relation });
    }
  });
  const open = new Set([...document.querySelectorAll("#stories details[open]")].map((details) => details.dataset.story));
  byId("stories-body").replaceChildren(
    stories.length
      ? element("ol", { class: "list" }, stories.slice(0, SHOWN).map((story, at) => item(story, at, open.has(story.story))))
      : element("p", { class: "quiet" }, message ?? "No stories yet. Articles on the same event appear here together."),
  );
  return byArticle;
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
        {},
        element("span", { class: "title", dir: "auto" }, story.title ?? story.story),
        element("span", { class: "about" }, ` ${counted(story.articles, "report")}, ${time(story.time)}`),
      ),
      element(
        "ol",
        {},
        story.reports.slice(0, REPORTS).map((report) =>
          element("li", {}, element("bdi", {}, report.title ?? report.id), element("span", { class: "about" }, ` ${reason(report.relation)}, ${time(report.time)}`)),
        ),
      ),
    ),
  );
}
