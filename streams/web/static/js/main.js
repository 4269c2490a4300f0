// Puts the parts of the page together.

import { Connection } from "./connection.js";
import { byId, element } from "./dom.js";
import { Feed, nothing } from "./feed.js";
import { Filters } from "./filters.js";
import { showHealth, showNoHealth } from "./health.js";
import { showHour } from "./hour.js";
import { showPlaces } from "./places.js";
import { ask, poll } from "./server.js";
import { showNoSources, showSources } from "./sources.js";
import { showStories } from "./stories.js";
import { askForToken } from "./token.js";
import { showWatches } from "./watches.js";
import { counted, number } from "./words.js";

// Articles that are shown at first.
const FIRST = 60;
// Milliseconds until another attempt to load them.
const RETRY = 3000;
// Milliseconds after which a page that was not in sight, or slept, loads anew: what it has missed no longer fits in.
const AWAY = 10 * 60_000;
const TICK = 30_000;
// Milliseconds for which the page says that articles were lost.
const LOST_STAYS = 60_000;
const STATES = { connecting: "Connecting …", live: "Live", lost: "The connection is lost. Trying again …" };

const pauseButton = byId("pause");
const state = byId("connection");
const notice = byId("notice");
let streamState = "connecting";
let waiting = { count: 0, leftOut: 0 };
let noticeStays = 0;
let lastHour = null;
let retryTimer = null;
let loads = 0;
let wasAway = false;

const filters = new Filters(load);
const follow = {
  entity: (name) => filters.follow("entity", name),
  language: (code) => filters.follow("language", code),
  sentiment: (label) => filters.follow("sentiment", label),
};
const feed = new Feed(follow, (count, leftOut) => {
  waiting = { count, leftOut };
  showState();
});
const connection = new Connection({
  article: (received) => {
    say();
    feed.add(received);
  },
  state: (found) => {
    streamState = found;
    if (found === "live") say();
    showState();
  },
  problem: (reason) => say(reason),
  lost: (articles) => say(`${counted(articles, "article")} were deleted from Kafka before this page read them.`, LOST_STAYS),
  mayConnect,
});

/** Whether the server takes the connection that it, or the network, has refused. */
async function mayConnect() {
  const query = new URLSearchParams(filters.query);
  query.set("limit", "1");
  try {
    await ask(`/articles?${query}`);
    return true;
  } catch (refusal) {
    if (refusal.status === 401 || refusal.status === 400) load();
    else say(refusal.message);
    return false;
  }
}

/** Load the newest articles of the filter, then follow the stream. */
async function load() {
  const mine = ++loads;
  clearTimeout(retryTimer);
  connection.close();
  feed.clear(element("p", {}, "Loading the latest articles …"));
  const query = new URLSearchParams(filters.query);
  query.set("limit", String(FIRST));
  try {
    const { articles, searched, position } = await ask(`/articles?${query}`);
    if (mine !== loads) return;
    say();
    feed.show(articles);
    if (!articles.length) feed.say(...nothing(filters.query !== "", searched, () => filters.clear()));
    connection.open(filters.query, position);
  } catch (refusal) {
    if (mine !== loads) return;
    await explain(refusal);
  }
}

/** Say why there are no articles, and what to do. */
async function explain(refusal) {
  streamState = "lost";
  showState();
  if (refusal.status === 401) {
    await askForToken();
    askAll();
    load();
  } else if (refusal.status === 400) {
    feed.say(element("p", {}, refusal.message), element("p", {}, element("button", { type: "button", onclick: () => filters.clear() }, "Show all articles")));
  } else {
    feed.say(element("p", {}, refusal.message), element("p", {}, "The page tries again by itself."));
    retryTimer = setTimeout(load, RETRY);
  }
}

function showState() {
  const { paused } = feed;
  const { count, leftOut } = waiting;
  state.dataset.state = paused ? "paused" : streamState;
  state.setAttribute("aria-live", paused ? "off" : "polite"); // it changes with each article
  const older = leftOut ? `, ${number(leftOut)} older ones left out` : "";
  const text = paused ? `Paused, ${counted(count, "new article")}${older}` : STATES[streamState];
  if (state.textContent !== text) state.textContent = text;
  document.title = paused && count ? `(${count}) Telex` : "Telex";
}

/** Show a sentence above the articles, for so many milliseconds at least; nothing to take it away. */
function say(text = "", stays = 0) {
  if (notice.textContent === text || (!text && Date.now() < noticeStays)) return;
  noticeStays = Date.now() + stays;
  notice.textContent = text;
  notice.hidden = !text;
}

pauseButton.addEventListener("click", () => {
  feed.pause(!feed.paused);
  pauseButton.textContent = feed.paused ? "Resume" : "Pause";
  showState();
});

/** The server did not answer. When it does again, the stream is connected anew: the browser may think it still stands. */
function missed(refusal) {
  wasAway ||= refusal.status === 0;
}

function answered() {
  if (wasAway) connection.renew();
  wasAway = false;
}

// Only while the table is open: the first reading of a day takes the server some seconds.
const sources = byId("sources").closest("details");
const askSources = poll(() => sources.open && "/sources", 30, showSources, (refusal) => {
  if (refusal.status !== 401) showNoSources(refusal.message);
}, 60_000);
sources.addEventListener("toggle", askSources);

const askAll = (() => {
  const questions = [
    askSources,
    poll(() => "/hour", 5, (hour) => {
      answered();
      lastHour = hour;
      showHour(hour, follow);
      showPlaces(hour.places, follow);
      filters.suggest(hour.entities.map((entity) => entity.name));
    }, (refusal) => {
      missed(refusal);
      if (!lastHour) byId("hour-body").replaceChildren(element("p", { class: "quiet" }, refusal.message));
    }),
    poll(() => "/stories?limit=100", 5, (answer) => feed.setStories(showStories(answer)), missed),
    poll(() => "/watches?limit=50", 5, showWatches, missed),
    poll(() => "/status", 10, (pipeline) => showHealth(pipeline, lastHour), (refusal) => {
      missed(refusal);
      if (refusal.status !== 401) showNoHealth(refusal.message);
    }),
  ];
  return () => questions.forEach((question) => question());
})();

/** Load anew after a long sleep of the machine, or of the tab: a page in sight ticks. */
let lastTick = Date.now();
function tick() {
  const away = Date.now() - lastTick;
  lastTick = Date.now();
  if (away > AWAY && !feed.paused) load();
}
setInterval(() => document.hidden || tick(), TICK);
document.addEventListener("visibilitychange", () => document.hidden || tick());

load();
askAll();
