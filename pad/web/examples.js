// Examples to try: drawings, made on this pad, and a photo.

import { paint } from "./drawing.js";
import { decode } from "./link.js";
import { message } from "./messages.js";

// The message that names each drawing, and the drawing in the format of link.js.
export const EXAMPLES = {
  crossed_seven: "1.Rh4i5yrp0thxoS-fddceg.Y0Brb4",
  open_four: "1.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM.n5inSVnrOlek",
  footed_one: "1.Vi0Z6YgxghCfgMUgc7gOTf2e.VGgsue",
  letter:
    "1.V2fWVyWBmWRrXRnZ5njJrnh6pSIp6RqisqK4pbIobNoDalzpgD6aT8XcCXT9W8A.eT-e0If8Ogkam1Ys-ZtGfted",
  scribble:
    "1.SS2WSyhKWjaakCgjqrbkCc0JesJmzyn72nj_dNGbFeatoc1pedih1fltMncvnENlDiijIhTHgbMfTad8CddUfF2iOGvN-vt6",
};
const PHOTO = { name: "shadowed_photo", file: "shadow.jpg" };
const SIDE = 112; // of the small pictures, in pixels

// Fills the element with buttons that call draw(drawing) and open(files).
export function showExamples(element, { draw, open }) {
  for (const [name, text] of Object.entries(EXAMPLES)) {
    const picture = document.createElement("canvas");
    picture.width = picture.height = SIDE;
    paint(picture, decode(text));
    element.append(button(name, picture, () => draw(decode(text))));
  }
  const url = new URL(PHOTO.file, import.meta.url);
  const picture = Object.assign(new Image(), { src: url, alt: "" });
  element.append(button(PHOTO.name, picture, async () => open([await (await fetch(url)).blob()])));
}

function button(name, picture, run) {
  const element = document.createElement("button");
  Object.assign(element, { type: "button", title: message(name), ariaLabel: message(name) });
  element.append(picture);
  element.addEventListener("click", run);
  return element;
}
