// The connection to the stream. It comes back by itself, and goes on after the last article that it has brought.

// Milliseconds until the first attempt to connect again, and at most.
const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;

export class Connection {
  #source = null;
  #timer = null;
  #retry = FIRST_RETRY;
  #query = "";
  #position = "";
  #listeners;

  /**
   * @param listeners `article` gets each article; `state` gets `connecting`, `live` or `lost`; `problem` gets a sentence
   *   when the server cannot read from Kafka; `lost` gets the number of articles that were deleted before they were
   *   read; `mayConnect` is asked before an attempt after a refusal, and answers with a promise.
   */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  /** Open the stream of a query, after a position. */
  open(query, position) {
    this.close();
    this.#query = query;
    this.#position = position;
    this.#retry = FIRST_RETRY;
    this.#connect();
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  /** Connect anew: the network was away, and the browser may not have noticed. */
  renew() {
    if (!this.#source) return;
    this.close();
    this.#connect();
  }

  #connect() {
    const query = new URLSearchParams(this.#query);
    if (this.#position) query.set("after", this.#position);
    this.#listeners.state("connecting");
    const source = new EventSource(`/articles/stream?${query}`);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#retry = FIRST_RETRY;
      this.#listeners.state("live");
    });
    source.addEventListener("article", (event) => {
      this.#position = event.lastEventId;
      this.#listeners.article(JSON.parse(event.data));
    });
    // Else a page whose filter no article passes would read everything since its last article again.
    source.addEventListener("position", (event) => {
      this.#position = event.lastEventId;
    });
    source.addEventListener("problem", (event) => this.#listeners.problem(JSON.parse(event.data).reason));
    source.addEventListener("lost", (event) => this.#listeners.lost(JSON.parse(event.data).articles));
    source.addEventListener("error", () => {
      this.#listeners.state("lost");
      // The browser connects again by itself, unless the server has refused.
      if (source.readyState === EventSource.CLOSED) this.#retryLater(source);
    });
  }

  #retryLater(source) {
    source.close();
    this.#timer = setTimeout(async () => {
      const may = await this.#listeners.mayConnect();
      if (this.#source !== source) return; // closed, or opened anew
      if (may) this.#connect();
      else this.#retryLater(source);
    }, this.#retry);
    this.#retry = Math.min(2 * this.#retry, LAST_RETRY);
  }
}
