// The health of the pipeline: each stage, and in words what is wrong with it.

import { byId, element, refill } from "./dom.js";
import { counted, number, percent, reason, time } from "./words.js";

// Records that may wait at a stage before it counts as behind: what a burst leaves for some seconds.
const MUCH = 200;

export function showHealth(pipeline, hour) {
  refill(byId("health-body"), element("ul", { class: "stages", "aria-labelledby": "health-title" }, pipeline.stages.map((stage) => item(stage, hour))));
}

export function showNoHealth(message) {
  refill(byId("health-body"), element("p", { class: "state ill" }, message));
}

function item(stage, hour) {
  const [state, kind] = judge(stage);
  const about = [
    `${number(stage.rate)} a second`,
    `${number(stage.lag)} waiting`,
    counted(stage.workers ?? "?", "worker"),
    counted(stage.dead_letters, "dead letter"),
    lastResult(stage),
    missing(stage.stage, hour),
  ];
  return element(
    "li",
    {},
    element("h3", {}, stage.stage, element("span", { class: `state ${kind}` }, state)),
    element("ul", { class: "about" }, about.filter(Boolean).map((each) => element("li", {}, each))),
  );
}

function lastResult({ stage, last_progress: last }) {
  if (last) return `last result ${time(last)}`;
  return stage === "webhooks" ? "" : "no result yet"; // the results of webhooks leave the cluster
}

function judge({ stage, lag, rate, workers }) {
  // `telex up` starts it where a secret for webhooks is set, and without webhooks it is not needed.
  if (workers === 0 && stage === "webhooks") return ["not started", "off"];
  if (workers === 0) return [`no worker: telex worker ${stage}`, "ill"];
  if (lag > 0 && rate === 0) return ["stands still", "ill"];
  if (lag > MUCH) return ["is behind", "ill"];
  return ["well", "well"];
}

/** The share of the last hour's articles that a stage did not analyse, with the reasons. */
function missing(stage, hour) {
  const reasons = Object.entries(hour?.not_analysed?.[stage] ?? {}).sort((one, other) => other[1] - one[1]);
  const count = reasons.reduce((sum, [, each]) => sum + each, 0);
  if (!hour?.articles || !count) return "";
  return `${percent(count, hour.articles)} not analysed: ${reasons.map(([code, each]) => `${reason(code)} (${number(each)})`).join(", ")}`;
}
