// Requests answers for what is given: a drawing while it grows, or a photo.

const RETRY_SECONDS = 1.5; // unless the server asks for another time

export class Reader {
  answer = null; // the last one, with what it is about as "given"
  #given = null;
  #reading = null; // the promise, while something is asked
  #ask;
  #show;

  // ask(given) resolves to an answer; if it rejects, it is called again later. show(answer) is called with each answer,
  // and with null when the last one no longer applies.
  constructor(ask, show) {
    this.#ask = ask;
    this.#show = show;
  }

  // Reads a drawing or a photo; null stops reading. Resolves when there is nothing more to ask.
  read(given) {
    this.#given = given;
    if (this.answer && !isSame(this.answer.given, given)) this.#take(null);
    if (this.#isDue) this.#reading ??= this.#readAll();
    return this.#reading;
  }

  // There is one request at a time; the next one, with the drawing as it is then, is sent when the answer has arrived.
  // So answers keep up with the pen, and the last one belongs to the last stroke. A retry waits until it is due.
  async #readAll() {
    do {
      const answer = await this.#answerTo(this.#given);
      if (!isSame(answer.given, this.#given)) continue;
      this.#take(answer);
      if (answer.retryAfter) await new Promise((resolve) => setTimeout(resolve, 1000 * answer.retryAfter));
    } while (this.#isDue);
    this.#reading = null;
  }

  get #isDue() {
    return this.#given && (this.answer?.given !== this.#given || this.answer.retryAfter);
  }

  async #answerTo(given) {
    const answer = await this.#ask(given).catch(() => ({ code: "lost", retryAfter: RETRY_SECONDS }));
    return { ...answer, given };
  }

  #take(answer) {
    this.answer = answer;
    this.#show(answer);
  }
}

// Two states of one drawing start with the same point object; a new drawing does not.
function isSame(given, other) {
  return given === other || (given?.[0] !== undefined && given[0].points[0] === other?.[0]?.points[0]);
}
