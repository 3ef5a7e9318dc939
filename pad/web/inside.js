// The look inside: the frame, and what each convolution of the network makes of it.

import { errorMessage, message } from "./messages.js";

const RETRY_SECONDS = 1.5; // unless the server asks for another time

export class Inside {
  #element;
  #answers;
  #frame = null; // the frame that is looked at
  #shown = null; // the frame whose layers are shown
  #asking = false;

  constructor(element, answers) {
    this.#element = element;
    this.#answers = answers;
  }

  get isOpen() {
    return !this.#element.hidden;
  }

  set isOpen(isOpen) {
    this.#element.hidden = !isOpen;
    this.#update();
  }

  show(mark) {
    this.#frame = mark?.frame ?? null;
    this.#update();
  }

  // One request at a time, and none while it is closed.
  async #update() {
    if (this.#asking) return;
    this.#asking = true;
    while (this.isOpen && this.#frame !== this.#shown) {
      this.#shown = this.#frame;
      if (this.#shown) await this.#look(this.#shown);
      else this.#element.replaceChildren(paragraph(message("inside_empty")));
    }
    this.#asking = false;
  }

  async #look(frame) {
    const lost = { code: "no_answer", retryAfter: RETRY_SECONDS };
    const response = await this.#answers.inside(frame).catch(() => lost);
    if (response.code) {
      this.#element.replaceChildren(paragraph(errorMessage(response)));
      if (!response.retryAfter) return; // it would fail again
      await new Promise((resolve) => setTimeout(resolve, 1000 * response.retryAfter));
      this.#shown = null;
      return;
    }
    const { layers } = response;
    const steps = [{ tiles: frame, text: message("inside_frame") }];
    layers.forEach((layer, index) => {
      const key = index === 0 ? "inside_first" : index < layers.length - 1 ? "inside_middle" : "inside_last";
      const values = { layer: index + 1, layers: layers.length, filters: layer.filters, side: layer.side };
      steps.push({ tiles: layer.tiles, text: `${message("inside_layer", values)} ${message(key)}` });
    });
    this.#element.replaceChildren(...steps.map(figure));
  }
}

function figure({ tiles, text }, index) {
  const element = document.createElement("figure");
  const picture = document.createElement("img");
  const caption = document.createElement("figcaption");
  Object.assign(picture, { src: tiles, alt: "" });
  element.classList.toggle("tiles", index > 0);
  caption.textContent = text;
  element.append(picture, caption);
  return element;
}

function paragraph(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element;
}
