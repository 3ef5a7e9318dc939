// Links that contain a drawing, after the "#" of the page's address.

import { decode, encode } from "./link.js";
import { message } from "./messages.js";

const KEY = "#drawing=";

// In a Space the page runs in a frame. The link is to the Space's own page, which passes the part after "#" to the
// frame.
function linkTo(drawing, space) {
  const framed = window.parent !== window && space;
  const page = framed ? `https://huggingface.co/spaces/${space}` : pageAddress();
  return page + KEY + encode(drawing);
}

const pageAddress = () => location.href.split("#")[0];

// Copies the link to a drawing and confirms it in the note; shows the link itself if the browser forbids copying.
export async function shareDrawing(drawing, space, note) {
  const link = linkTo(drawing, space);
  const isCopied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
  if (isCopied) {
    note.textContent = message("copied");
    return;
  }
  const field = document.createElement("input");
  Object.assign(field, { readOnly: true, value: link, ariaLabel: message("copy_by_hand") });
  note.replaceChildren(field);
  field.select();
}

// Returns the drawing in the page's address: undefined if there is none, null if it cannot be opened.
export function takeSharedDrawing() {
  if (!location.hash.startsWith(KEY)) return undefined;
  const drawing = decode(location.hash.slice(KEY.length));
  // Removed from the address, because a reload would replace a newer drawing with it.
  if (drawing) history.replaceState(history.state, "", pageAddress());
  return drawing;
}
