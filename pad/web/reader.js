// Requests answers for a drawing while it grows.

const RETRY_SECONDS = 1.5; // unless the server asks for another time

export class Reader {
  answer = null; // the last one, with its drawing
  #drawing = [];
  #reading = false;
  #ask;
  #show;

  // ask(drawing) resolves to an answer, as askServer() does. show(answer) is called with each answer, and with null
  // when the last one no longer applies.
  constructor(ask, show) {
    this.#ask = ask;
    this.#show = show;
  }

  // There is one request at a time; the next one, with the drawing as it is then, is sent when the answer has arrived.
  // So answers keep up with the pen, and the last one belongs to the last stroke. A retry waits until it is due.
  async read(drawing) {
    this.#drawing = drawing;
    if (this.answer && !isSame(this.answer.drawing, drawing)) this.#take(null);
    if (this.#reading) return;
    this.#reading = true;
    while (this.#drawing.length && (this.answer?.drawing !== this.#drawing || this.answer.retryAfter)) {
      const answer = await this.#answerTo(this.#drawing);
      if (isSame(answer.drawing, this.#drawing)) this.#take(answer);
      if (answer.retryAfter) await new Promise((resolve) => setTimeout(resolve, 1000 * answer.retryAfter));
    }
    this.#reading = false;
  }

  async #answerTo(drawing) {
    const answer = await this.#ask(drawing).catch(() => ({ code: "lost", retryAfter: RETRY_SECONDS }));
    return { ...answer, drawing };
  }

  #take(answer) {
    this.answer = answer;
    this.#show(answer);
  }
}

// Two states of one drawing start with the same point object; a new drawing does not.
function isSame(drawing, other) {
  return drawing[0]?.points[0] === other[0]?.points[0];
}
