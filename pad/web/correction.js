// Corrections of wrong answers, digit by digit. One is stored only on a click, and can be taken back while the page is
// open.

import { message, errorMessage } from "./messages.js";

export class Correction {
  #element;
  #answers;
  #choices;
  #status;
  #kept;
  #subject = null;

  constructor(element, answers) {
    this.#element = element;
    this.#answers = answers;
    element.querySelector(".notice").textContent = message(answers.correctionNotice);
    this.#choices = element.querySelector("fieldset");
    this.#status = element.querySelector(".status");
    this.#kept = element.querySelector(".kept");
    const choices = [...Array(10).keys()].map((digit) => [digit, digit]);
    for (const [digit, name] of [...choices, [null, message("no_digit")]]) {
      const choice = newButton(name, () => this.#send(digit));
      element.querySelector(".choices").append(choice);
    }
  }

  get isOpen() {
    return !this.#element.hidden;
  }

  set isOpen(isOpen) {
    this.#element.hidden = !isOpen;
  }

  // The subject is what would be corrected, null if there is nothing: its mark, and a function that returns the picture
  // as a data URL.
  show(subject) {
    this.#choices.disabled = !subject || subject.mark.isCorrected === true;
    if (this.#subject?.mark !== subject?.mark) this.#status.textContent = "";
    this.#subject = subject;
  }

  async #send(digit) {
    const { mark, picture } = this.#subject;
    mark.isCorrected = true;
    this.show(this.#subject);
    const correction = { picture: picture(), box: mark.box, read: mark.digit, digit };
    const response = await this.#answers.correct(correction).catch(() => ({ code: "not_kept" }));
    if (response.code) {
      mark.isCorrected = false;
      this.#status.textContent = errorMessage(response);
    } else {
      this.#status.textContent = "";
      this.#list(mark, response.name, digit);
    }
    this.show(this.#subject);
  }

  #list(mark, name, digit) {
    const item = document.createElement("li");
    const text = message("thanks", { digit: digit ?? message("no_digit") });
    const withdraw = async () => {
      const response = await this.#answers.withdraw(name).catch(() => ({ code: "no_answer" }));
      this.#status.textContent = response.code ? errorMessage(response) : message("withdrawn");
      if (response.code) return;
      item.remove();
      mark.isCorrected = false;
      this.show(this.#subject);
    };
    item.append(text, ...(name ? [newButton(message("withdraw"), withdraw)] : []));
    this.#kept.append(item);
  }
}

function newButton(name, run) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: name });
  button.addEventListener("click", run);
  return button;
}
