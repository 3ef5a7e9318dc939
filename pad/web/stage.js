// The square to draw in: paints the drawing or shows the photo, marks the digits in it, and holds the notes.

import { paint } from "./drawing.js";
import { message } from "./messages.js";
import { isPhoto, markOf } from "./sentence.js";

const SIDE = 1000; // of the overlay over a drawing, in its own units
const FRAME_SIDE = 28;
const GHOST_OPACITY = 0.12;

export class Stage {
  #canvas;
  #overlay;
  #note;
  #select;
  #drawing = [];
  #isGhost = false;
  #isDue = false; // whether it will be painted

  // select(place) is called when a digit in a photo is chosen.
  constructor(paper, select) {
    this.#canvas = paper.querySelector("canvas");
    this.#overlay = paper.querySelector(".overlay");
    this.#note = paper.querySelector(".note");
    this.#select = select;
    // Matches the screen's resolution, also after a resize or a zoom.
    new ResizeObserver(() => {
      const side = Math.round(this.#canvas.clientWidth * window.devicePixelRatio);
      if (!side) return; // hidden
      this.#canvas.width = this.#canvas.height = side;
      this.#paint();
    }).observe(this.#canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  // At most once per animation frame, however often the pen reports.
  paint(drawing, isGhost = false) {
    [this.#drawing, this.#isGhost] = [drawing, isGhost];
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#paint();
    });
  }

  #paint() {
    const { color: ink, backgroundColor: paper } = getComputedStyle(this.#canvas);
    paint(this.#canvas, this.#drawing, { ink, paper });
    this.#canvas.style.opacity = this.#isGhost ? GHOST_OPACITY : "";
  }

  // Shows the photo, if there is one, and the digits of its answer with their outlines; of a drawing only the one that
  // is selected among several; and boxes around what was rejected. The map is a saliency map that is laid over the
  // selected digit.
  show({ photo, answer, selected, map }) {
    const [width, height] = photo?.picture ? [photo.picture.naturalWidth, photo.picture.naturalHeight] : [SIDE, SIDE];
    const digits = answer?.digits ?? [];
    this.#overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#overlay.replaceChildren(
      ...(photo?.picture ? [svg("image", { href: photo.picture.src, width, height })] : []),
      ...(map ? [placed(map, markOf(answer, selected).box, width, height)] : []),
      ...(answer?.rejected ?? []).map((mark) => box(mark.box, width, height, "rejected")),
      ...digits.map((digit, place) => {
        const isSelected = digits.length > 1 && place === selected;
        const marked = answer && isPhoto(answer) ? outline(digit, width, height) : box(digit.box, width, height);
        marked.classList.toggle("selected", isSelected);
        if (photo) this.#makeSelectable(marked, digit, place, place === selected);
        return marked;
      }),
    );
  }

  #makeSelectable(marked, { digit }, place, isSelected) {
    Object.assign(marked, { role: "button", ariaLabel: digit, ariaPressed: isSelected });
    marked.setAttribute("tabindex", 0);
    marked.addEventListener("click", () => this.#select(place));
    marked.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.#select(place);
    });
  }

  // Says something over the lower edge, optionally with a button that does something about it.
  say(text, action) {
    this.#note.replaceChildren(text);
    if (!action) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: message(action.key) });
    button.addEventListener("click", action.run);
    this.#note.append(button);
  }
}

function svg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function placeOf([left, top, right, bottom], width, height) {
  return { x: left * width, y: top * height, width: (right - left) * width, height: (bottom - top) * height };
}

function box(ofMark, width, height, kind = "") {
  return svg("rect", { class: `box ${kind}`, ...placeOf(ofMark, width, height) });
}

// The outline is drawn twice, dark within light, to be seen on any photo; the box around it is what can be tapped.
function outline(digit, width, height) {
  const point = ([x, y]) => `${(x * width).toFixed(1)} ${(y * height).toFixed(1)}`;
  const d = digit.outline.map((polygon) => `M${polygon.map(point).join("L")}Z`).join("");
  const group = svg("g", { class: "digit" });
  group.append(box(digit.box, width, height), svg("path", { class: "halo", d }), svg("path", { d }));
  return group;
}

// Stretches the ink of a map to a mark's box.
function placed({ map, ink: [x, y, toX, toY] }, ofMark, width, height) {
  const viewBox = `${x} ${y} ${toX - x} ${toY - y}`;
  const element = svg("svg", { ...placeOf(ofMark, width, height), viewBox, preserveAspectRatio: "none", class: "map" });
  element.append(svg("image", { href: map, width: FRAME_SIDE, height: FRAME_SIDE }));
  return element;
}
