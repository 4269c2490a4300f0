// Questions to the server.

const TIME_LIMIT = 20_000;

/** An answer that is no success. `status` is 0 where there was no answer. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The JSON that an address answers, within so many milliseconds. Throws a Refusal, whose message says what to do. */
export async function ask(address, limit = TIME_LIMIT) {
  let answer;
  try {
    answer = await fetch(address, { signal: AbortSignal.timeout(limit), headers: { Accept: "application/json" } });
    if (answer.ok) return await answer.json();
  } catch {
    throw new Refusal(0, "The server does not answer. Is `telex up` or `telex web` running?");
  }
  const error = await answer.json().catch(() => ({}));
  throw new Refusal(answer.status, error.error ?? `The server answers ${answer.status}.`);
}

/** Send the token. Returns null, or the sentence that says what is wrong with it. */
export async function sendToken(token) {
  try {
    const answer = await fetch("/session", { method: "POST", body: token });
    return answer.ok ? null : (await answer.json()).error;
  } catch {
    return "The server does not answer.";
  }
}

/**
 * Ask again and again while the page is in sight.
 *
 * @param {() => string | false} address; false while nothing is asked
 * @param {number} seconds between two questions
 * @param {(answer: object) => void} show
 * @param {(refusal: Refusal) => void} complain
 * @param {number} limit milliseconds for an answer
 * @returns {() => void} asks at once
 */
export function poll(address, seconds, show, complain, limit = TIME_LIMIT) {
  let timer = null;
  let asking = false;
  async function now() {
    if (asking || !address()) return;
    clearTimeout(timer);
    asking = true;
    try {
      show(await ask(address(), limit));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(refusal);
    } finally {
      asking = false;
      timer = document.hidden ? null : setTimeout(now, 1000 * seconds);
    }
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && timer === null) now();
  });
  return now;
}
