// The filter is the query of the address. The form, the clicks and the buttons change the address, and all else follows.

import { byId, element } from "./dom.js";
import { country, language, type } from "./words.js";

// The fields of the form. The address may have further conditions (docs/filters.md).
const FIELDS = ["language", "entity", "type", "sentiment", "stories", "text"];
const LANGUAGES = "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv nb nl nn pl pt ro ru sk sl sr sv sw th tr uk ur vi zh";

export class Filters {
  #form = byId("filters");
  #conditions = byId("conditions");
  #names = byId("names");
  #changed;
  #shown = location.search;

  /** @param changed is called when the filter has changed */
  constructor(changed) {
    this.#changed = changed;
    const options = LANGUAGES.split(" ").map((code) => [language(code), code]).sort();
    this.#form.elements.language.append(...options.map(([name, code]) => element("option", { value: code }, name)));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#take();
    });
    for (const name of ["language", "type", "sentiment", "stories"]) {
      this.#form.elements[name].addEventListener("change", () => this.#take());
    }
    addEventListener("popstate", () => {
      if (location.search !== this.#shown) this.#show(); // else a link within the page
    });
    this.#fillIn();
  }

  /** The filter as a query. */
  get query() {
    return location.search.slice(1);
  }

  /** Show only articles with this value of a condition, beside the other conditions. */
  follow(name, value) {
    const query = new URLSearchParams(location.search);
    query.set(name, value);
    this.#go(query);
  }

  clear() {
    this.#go(new URLSearchParams());
  }

  /** Names to choose from while somebody writes. */
  suggest(names) {
    if (names.join() === [...this.#names.children].map((option) => option.value).join()) return; // it would close
    this.#names.replaceChildren(...names.map((name) => element("option", { value: name })));
  }

  #take() {
    const query = new URLSearchParams(location.search);
    for (const name of FIELDS) {
      const value = this.#form.elements[name].value.trim();
      // A condition with several values is not of the form, unless somebody has changed its field.
      if (query.getAll(name).length > 1 && value === query.get(name)) continue;
      if (value) query.set(name, value);
      else query.delete(name);
    }
    this.#go(query);
  }

  #go(query) {
    const search = query.size ? `?${query}` : location.pathname;
    if (String(query) === this.query) return;
    history.pushState(null, "", search);
    this.#show();
  }

  #show() {
    this.#shown = location.search;
    this.#fillIn();
    this.#changed();
  }

  #fillIn() {
    const query = new URLSearchParams(location.search);
    for (const name of FIELDS) {
      const field = this.#form.elements[name];
      const value = query.get(name) ?? "";
      if (field.options && value && ![...field.options].some((option) => option.value === value)) {
        field.append(element("option", { value }, name === "language" ? language(value) : value));
      }
      field.value = value;
    }
    this.#conditions.replaceChildren(...[...query].map(([name, value]) => this.#condition(name, value)));
  }

  /** A condition, with which it can be taken away. */
  #condition(name, value) {
    const remove = () => {
      const query = new URLSearchParams(location.search);
      const others = query.getAll(name).filter((other) => other !== value);
      query.delete(name);
      for (const other of others) query.append(name, other);
      this.#go(query);
    };
    const shown = /^language/.test(name) ? language(value) : /^country/.test(name) ? country(value) : name === "type" ? type(value) : value;
    return element(
      "li",
      {},
      element(
        "button",
        { type: "button", onclick: remove, "aria-label": `Remove the condition ${name} ${shown}` },
        `${name.replaceAll("_", " ")}: `,
        element("bdi", {}, shown),
        " ×",
      ),
    );
  }
}
