// Shows an answer: the number, the selected digit's probabilities and frame, and the sentence.

import { message } from "./messages.js";
import { isLikely, markOf, percentage, sentence } from "./sentence.js";

const ANNOUNCEMENT_DELAY_MS = 700; // an answer is announced to screen readers after it has been shown for this long

export class AnswerPanel {
  #element;
  #number;
  #sentence;
  #announced;
  #bars;
  #frame;
  #select;
  #announcement;

  // select(place) is called when one of several digits is chosen.
  constructor(element, select) {
    this.#element = element;
    this.#select = select;
    this.#number = element.querySelector(".number");
    this.#sentence = element.querySelector(".sentence");
    this.#announced = element.querySelector(".announced");
    this.#frame = element.querySelector(".frame");
    this.#bars = element.querySelector(".bars");
    for (let digit = 0; digit < 10; digit++) this.#bars.append(newBar(digit));
  }

  // The map, if there is one, is shown in the frame's place.
  show({ answer, selected, map, isBusy }) {
    const mark = markOf(answer, selected);
    const text = map ? message("because", { digit: map.digit }) : sentence(answer);
    this.#element.classList.toggle("has-mark", Boolean(mark));
    this.#element.classList.toggle("is-empty", !answer && !isBusy);
    this.#showNumber(answer?.number ?? "", selected);
    this.#sentence.textContent = !answer && isBusy ? message("reading") : text;
    this.#showBars(mark);
    this.#frame.src = map?.map ?? mark?.frame ?? "data:,";
    this.#frame.alt = mark ? message("saw") : "";
    this.#frame.hidden = !mark;
    clearTimeout(this.#announcement);
    this.#announcement = setTimeout(() => {
      this.#announced.textContent = `${answer?.number ?? ""} ${this.#sentence.textContent}`.trim();
    }, ANNOUNCEMENT_DELAY_MS);
  }

  #showNumber(number, selected) {
    const lines = number.split("\n");
    const hasChoice = number.length > 1;
    let place = 0;
    this.#number.replaceChildren(
      ...lines.map((line) => {
        const row = document.createElement("div");
        row.append(...[...line].map((digit) => (hasChoice ? this.#digitButton(digit, place++, selected) : digit)));
        return row;
      }),
    );
    this.#number.style.setProperty("--lines", lines.length);
    this.#number.style.setProperty("--characters", Math.max(...lines.map((line) => line.length)));
  }

  #digitButton(digit, place, selected) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: digit, ariaPressed: place === selected });
    button.addEventListener("click", () => this.#select(place));
    return button;
  }

  #showBars(mark) {
    this.#bars.classList.toggle("rejected", mark?.digit === null);
    [...this.#bars.children].forEach((bar, digit) => {
      const probability = mark?.probabilities[digit] ?? 0;
      const text = percentage(probability);
      bar.classList.toggle("likely", isLikely(probability));
      bar.querySelector(".bar").style.setProperty("--probability", probability);
      bar.querySelector(".percent").textContent = probability >= 0.005 ? text : "";
      bar.ariaLabel = `${digit}: ${text}`;
    });
  }
}

function newBar(digit) {
  const bar = document.createElement("li");
  bar.innerHTML = `<span class="percent"></span><span class="bar"></span><span class="name">${digit}</span>`;
  return bar;
}
