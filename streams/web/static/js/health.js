// The health of the pipeline: each stage in a row, and in words what is wrong with it.

import { byId, element } from "./dom.js";
import { number, percent, reason, time } from "./words.js";

// Records that may wait at a stage before it counts as behind: what a burst leaves for some seconds.
const MUCH = 200;
const HEADS = ["Stage", "State", "Articles a second", "Waiting", "Workers", "Dead letters", "Not analysed (last hour)", "Last result"];

export function showHealth(pipeline, hour) {
  byId("health-body").replaceChildren(
    element(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "health-title" },
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, HEADS.map((head) => element("th", { scope: "col" }, head)))),
        element("tbody", {}, pipeline.stages.map((stage) => row(stage, hour))),
      ),
    ),
  );
}

export function showNoHealth(message) {
  byId("health-body").replaceChildren(element("p", { class: "state ill" }, message));
}

function row(stage, hour) {
  const [state, isWell] = judge(stage);
  const cells = [number(stage.rate), number(stage.lag), stage.workers ?? "not known", number(stage.dead_letters), missing(stage.stage, hour), time(stage.last_progress)];
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, stage.stage),
    element("td", { class: `state ${isWell ? "well" : "ill"}` }, state),
    cells.map((cell) => element("td", {}, String(cell))),
  );
}

function judge({ stage, lag, rate, workers }) {
  // `telex up` starts it where a secret for webhooks is set, and without webhooks it is not needed.
  if (workers === 0 && stage === "webhooks") return ["not started", true];
  if (workers === 0) return [`no worker: telex worker ${stage}`, false];
  if (lag > 0 && rate === 0) return ["stands still", false];
  if (lag > MUCH) return [`behind by ${number(lag)}`, false];
  return ["well", true];
}

/** The share of the last hour's articles that a stage did not analyse, with the reasons. */
function missing(stage, hour) {
  const reasons = Object.entries(hour?.not_analysed?.[stage] ?? {}).sort((one, other) => other[1] - one[1]);
  const count = reasons.reduce((sum, [, each]) => sum + each, 0);
  if (!hour?.articles) return "";
  if (!count) return "none";
  return `${percent(count, hour.articles)}: ${reasons.map(([code, each]) => `${reason(code)} ${number(each)}`).join(", ")}`;
}
