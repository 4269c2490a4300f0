// The list of articles, the newest first. It keeps a limited number of cards, however many articles pass.

import { byId, element } from "./dom.js";
import { kept } from "./article.js";
import { card, showStory } from "./card.js";
import { counted } from "./words.js";

// Cards in the list, on a screen and on a phone, where the other panels stand below them.
const CARDS = 200;
const CARDS_ON_A_PHONE = 30;
// Articles that wait while the page is paused or busy. Of more, the oldest are left out.
const WAITING = 300;
// Milliseconds between two insertions.
const INTERVAL = 250;
// Milliseconds between two announcements to a screen reader.
const ANNOUNCE = 15_000;

export class Feed {
  #list = byId("feed");
  #scroller = byId("articles");
  #empty = byId("empty");
  #newer = byId("newer");
  #announcer = byId("announcer");
  #narrow = matchMedia("(max-width: 63.99rem)");
  #waiting = [];
  #leftOut = 0;
  #unseen = 0;
  #unannounced = 0;
  #timer = null;
  #announceTimer = null;
  #stories = new Map();
  #follow;

  /** @param follow what a click on an entity, a language or a sentiment does. `waits` is called when articles wait. */
  constructor(follow, waits) {
    this.#follow = follow;
    this.waits = waits;
    this.paused = false;
    this.#list.addEventListener("click", (event) => {
      const name = event.target.closest(".entity")?.dataset.entity;
      if (name) follow.entity(name);
    });
    this.#list.addEventListener("keydown", (event) => this.#move(event));
    this.#newer.addEventListener("click", () => this.#toTop());
    for (const target of [this.#scroller, window]) target.addEventListener("scroll", () => this.#see(), { passive: true });
  }

  /** Empty the list, and show instead what it waits for. */
  clear(...message) {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting = [];
    this.#leftOut = this.#unseen = 0;
    this.#list.replaceChildren();
    this.#list.setAttribute("aria-busy", "true");
    this.say(...message);
    this.#see();
    this.waits(0, 0);
  }

  /** Say something in place of articles. */
  say(...message) {
    this.#empty.replaceChildren(...message);
    this.#showListOrMessage();
  }

  /** Show articles at once, the newest first. */
  show(articles) {
    this.#list.append(...articles.slice(0, this.#limit).map((received) => this.#card(kept(received))));
    this.#list.setAttribute("aria-busy", "false");
    this.#numberCards();
    this.#showListOrMessage();
  }

  /** Add an article that has just arrived. */
  add(received) {
    this.#waiting.push(kept(received));
    if (this.#waiting.length > WAITING) {
      this.#waiting.shift();
      this.#leftOut += 1;
    }
    if (this.paused) this.waits(this.#waiting.length, this.#leftOut);
    else this.#insertSoon();
  }

  pause(paused) {
    this.paused = paused;
    this.waits(paused ? this.#waiting.length : 0, this.#leftOut);
    if (!paused) this.#insertSoon();
  }

  /** Show the stories of the articles. @param stories by the id of an article */
  setStories(stories) {
    this.#stories = stories;
    for (const made of this.#list.children) showStory(made, stories.get(made.dataset.id));
  }

  #showListOrMessage() {
    const hasCards = this.#list.childElementCount > 0;
    this.#list.hidden = !hasCards;
    this.#empty.hidden = hasCards;
  }

  get #limit() {
    return this.#narrow.matches ? CARDS_ON_A_PHONE : CARDS;
  }

  #insertSoon() {
    this.#timer ??= setTimeout(() => this.#insert(), INTERVAL);
  }

  #insert() {
    this.#timer = null;
    if (this.paused || !this.#waiting.length) return;
    const arrived = this.#waiting.splice(0).slice(-this.#limit);
    this.#leftOut = 0;
    const cards = arrived.reverse().map((article) => this.#card(article));
    for (const made of cards) made.classList.add("new");
    this.#list.prepend(...cards);
    this.#removeOldest();
    this.#numberCards();
    this.#showListOrMessage();
    this.#unseen += cards.length;
    this.#unannounced += cards.length;
    this.#announceTimer ??= setTimeout(() => this.#announce(), ANNOUNCE);
    this.#see();
  }

  /** Remove the oldest cards. The focus of one goes to the card that is the last one then. */
  #removeOldest() {
    const oldest = [...this.#list.children].slice(this.#limit);
    const hadFocus = oldest.some((made) => made.contains(document.activeElement));
    for (const made of oldest) made.remove();
    if (hadFocus) this.#list.lastElementChild.focus({ preventScroll: true });
  }

  #card(article) {
    const made = card(article, this.#follow);
    showStory(made, this.#stories.get(article.id));
    return made;
  }

  /** Say to a screen reader which card of how many each one is. */
  #numberCards() {
    const cards = this.#list.children;
    for (const [at, made] of [...cards].entries()) {
      made.setAttribute("aria-posinset", at + 1);
      made.setAttribute("aria-setsize", cards.length);
    }
  }

  /** Whether the newest article is in sight. What arrives above does not move what is being read. */
  get #isAtTop() {
    return this.#narrow.matches ? this.#list.getBoundingClientRect().top > 0 : this.#scroller.scrollTop < 80;
  }

  #see() {
    if (this.#isAtTop) this.#unseen = 0;
    this.#newer.hidden = this.#unseen === 0;
    if (this.#unseen) this.#newer.textContent = `↑ ${counted(Math.min(this.#unseen, this.#limit), "new article")}`;
  }

  #toTop() {
    if (this.#narrow.matches) this.#scroller.scrollIntoView();
    else this.#scroller.scrollTop = 0;
    this.#list.firstElementChild?.focus({ preventScroll: true });
  }

  #announce() {
    this.#announceTimer = null;
    if (this.#unannounced) this.#announcer.textContent = `${counted(this.#unannounced, "new article")} arrived.`;
    this.#unannounced = 0;
  }

  /** The keys of a feed: https://www.w3.org/WAI/ARIA/apg/patterns/feed/ */
  #move(event) {
    if (event.key !== "PageDown" && event.key !== "PageUp") return;
    const here = event.target.closest(".card");
    const next = event.key === "PageDown" ? here?.nextElementSibling : here?.previousElementSibling;
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

/** What the list says when there is nothing to show. */
export function nothing(hasFilter, searched, clearFilter) {
  if (hasFilter) {
    return [
      element("p", {}, searched ? `None of the last ${counted(searched, "article")} fits. One that does appears here.` : "No article has come yet."),
      element("p", {}, element("button", { type: "button", onclick: clearFilter }, "Show all articles")),
    ];
  }
  return [
    element("p", {}, "No articles yet. One that is published appears here by itself. To publish some, in a terminal:"),
    element("code", {}, "telex publish my-articles/"),
  ];
}
