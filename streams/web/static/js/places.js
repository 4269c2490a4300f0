// The places of the last hour on a map of the world.
//
// The projection is Equal Earth (Šavrič, Patterson, Jenny 2018, https://doi.org/10.1080/13658816.2018.1504949), as in
// the outline, which training/world_outline.py draws.

import { byId, drawn, element, refill } from "./dom.js";
import { counted, number } from "./words.js";

const A1 = 1.340264;
const A2 = -0.081106;
const A3 = 0.000893;
const A4 = 0.003796;
const M = Math.sqrt(3) / 2;
const SCALE = 100;
// The part of the world that is drawn: without the ice at the South Pole.
const VIEW = { x: -271, y: -132, width: 542, height: 243 };
const LISTED = 6;
const LARGEST = 11;

/** The point of a place in the drawing. */
export function project(latitude, longitude) {
  const theta = Math.asin(M * Math.sin((latitude * Math.PI) / 180));
  const square = theta * theta;
  const sixth = square ** 3;
  const x = ((longitude * Math.PI) / 180) * Math.cos(theta) / (M * (A1 + 3 * A2 * square + sixth * (7 * A3 + 9 * A4 * square)));
  const y = theta * (A1 + A2 * square + sixth * (A3 + A4 * square));
  return { x: SCALE * x, y: -SCALE * y };
}

export function showPlaces(places, follow) {
  const body = byId("map-body");
  const most = Math.max(1, ...places.map((place) => place.articles));
  const dots = [...places].sort((one, other) => other.articles - one.articles).map((place) => dot(place, most, follow));
  const listed = places.slice(0, LISTED);
  const summary = listed.length ? `${number(places.length)} places, most often ${listed.map((place) => place.name).join(", ")}.` : "no places yet.";
  refill(
    body,
    drawn(
      "svg",
      { class: "map", viewBox: `${VIEW.x} ${VIEW.y} ${VIEW.width} ${VIEW.height}`, role: "img", "aria-label": `A map of the world with ${summary}` },
      drawn("use", { href: "/static/world.svg#land", class: "land" }),
      dots,
    ),
    listed.length
      ? element(
          "ul",
          { class: "chips places", "aria-label": "Places that are named most" },
          listed.map((place) =>
            element("li", {}, element("button", { type: "button", class: "chip location", "data-name": place.name, onclick: () => follow.entity(place.name) }, element("bdi", {}, place.name), ` ${number(place.articles)}`)),
          ),
        )
      : element("p", { class: "quiet" }, "Places of the last hour appear here."),
  );
}

function dot(place, most, follow) {
  const { x, y } = project(place.latitude, place.longitude);
  const r = 2 + (LARGEST - 2) * Math.sqrt(place.articles / most);
  return drawn(
    "circle",
    { class: "dot", cx: x.toFixed(1), cy: y.toFixed(1), r: r.toFixed(1), onclick: () => follow.entity(place.name) },
    drawn("title", {}, `${place.name}: ${counted(place.articles, "article")}`),
  );
}
