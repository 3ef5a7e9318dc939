// The buttons to correct a wrong answer. A correction is stored only on a click, and only one for each answer. A
// number cannot be corrected.

import { pictureOf } from "./card.js";
import { errorMessage, message } from "./messages.js";
import { isNumber } from "./sentence.js";
import { askServer } from "./server.js";

export class Correction {
  #element;
  #choices;
  #status;
  #answer = null;

  constructor(element) {
    this.#element = element;
    this.#choices = element.querySelector(".choices");
    this.#status = element.querySelector(".kept");
    for (let digit = 0; digit < 10; digit++) {
      const choice = document.createElement("button");
      Object.assign(choice, { type: "button", textContent: digit });
      choice.addEventListener("click", () => this.#send(digit));
      this.#choices.append(choice);
    }
  }

  show(answer) {
    this.#answer = answer;
    this.#element.style.visibility = answer?.frame && !isNumber(answer) ? "visible" : "hidden";
    this.#choices.disabled = answer?.kept !== undefined;
    this.#status.textContent = answer?.kept === undefined ? "" : message("thanks", { digit: answer.kept });
  }

  async #send(digit) {
    const corrected = this.#answer;
    this.#choices.disabled = true;
    const picture = corrected.picture ?? (await pictureOf(corrected))[0].toDataURL("image/png");
    const body = JSON.stringify({ picture, frame: corrected.frame, read: corrected.digit, digit });
    const response = await askServer("correct", body).catch(() => ({ code: "not_kept" }));
    corrected.kept = response.kept;
    if (this.#answer !== corrected) return;
    this.show(corrected);
    if (response.code) this.#status.textContent = errorMessage(response);
  }
}
