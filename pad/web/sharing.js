// Shares an answer: as a picture, and by a link that contains the drawing itself after the "#" of the page's address.

import { drawCard } from "./card.js";
import { decode, encode } from "./link.js";
import { message } from "./messages.js";

const KEY = "#drawing=";

export class Sharing {
  #dialog;
  #space;
  #status;
  #card = null; // a file
  #link = null;

  constructor(dialog, space) {
    this.#dialog = dialog;
    this.#space = space;
    this.#status = dialog.querySelector("[role=status]");
    dialog.querySelector("[name=copy]").addEventListener("click", () => this.#copy());
    dialog.querySelector("[name=download]").addEventListener("click", () => this.#download());
    dialog.querySelector("[name=close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // on what is around it
  }

  // With the system's own share sheet where it takes pictures.
  async share(answer) {
    const canvas = await drawCard(answer, this.#address());
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    const name = answer.number.replaceAll("\n", "-") || "none";
    this.#card = new File([blob], `digit-${name}.png`, { type: blob.type });
    this.#link = this.#address() + (answer.given.file ? "" : KEY + encode(answer.given));
    const shared = { files: [this.#card], title: message("title"), url: this.#link };
    if (navigator.canShare?.(shared)) {
      await navigator.share(shared).catch(() => {}); // the visitor has changed their mind
      return;
    }
    const picture = this.#dialog.querySelector("img");
    picture.src = canvas.toDataURL();
    picture.alt = message("card", { number: answer.number.replaceAll("\n", " ") });
    this.#dialog.querySelector("[name=copy] span").textContent = message(answer.given.file ? "copy_page" : "copy_link");
    this.#status.textContent = "";
    this.#dialog.showModal();
  }

  // In a Space the page runs in a frame. The link is to the Space's own page, which passes the part after "#" to the
  // frame.
  #address() {
    const isFramed = window.parent !== window && this.#space;
    return isFramed ? `https://huggingface.co/spaces/${this.#space}` : pageAddress();
  }

  // Shows the link itself if the browser forbids copying.
  async #copy() {
    const isCopied = await navigator.clipboard?.writeText(this.#link).then(() => true, () => false);
    if (isCopied) {
      this.#status.textContent = message("copied");
      return;
    }
    const field = document.createElement("input");
    Object.assign(field, { readOnly: true, value: this.#link, ariaLabel: message("copy_by_hand") });
    this.#status.replaceChildren(field);
    field.select();
  }

  #download() {
    const link = document.createElement("a");
    link.href = this.#dialog.querySelector("img").src;
    link.download = this.#card.name;
    link.click();
  }
}

const pageAddress = () => location.href.split("#")[0];

// Returns the drawing in the page's address: undefined if there is none, null if it cannot be opened. It is removed from
// the address, because a reload would replace a newer drawing with it.
export function takeSharedDrawing() {
  if (!location.hash.startsWith(KEY)) return undefined;
  const drawing = decode(location.hash.slice(KEY.length));
  history.replaceState(history.state, "", pageAddress());
  return drawing;
}
