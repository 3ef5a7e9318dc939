// Mounts the drawing pad: paints the drawing and sends it to the server.

import { paint } from "./drawing.js";
import { EXAMPLES } from "./examples.js";
import { DrawingHistory } from "./history.js";
import { decode } from "./link.js";
import { message, translate } from "./messages.js";
import { Pen } from "./pen.js";
import { Reader } from "./reader.js";
import { askServer } from "./server.js";
import { shareDrawing, takeSharedDrawing } from "./sharing.js";

const SENT_SIDE = 128; // pixels of the picture that is sent: as many as the ink network looks at
const EXAMPLE_SIDE = 112;
const STORAGE_KEY = "digit-pad";

export default function mount({ element, props }) {
  const canvas = element.querySelector(".paper canvas");
  const note = element.querySelector(".note");
  const button = Object.fromEntries([...element.querySelectorAll("button")].map((each) => [each.name, each]));
  const history = new DrawingHistory(storedDrawing());
  const reader = new Reader(readDrawing, show);
  const pen = new Pen(canvas, element.querySelector(".tip"), {
    start: (stroke) => change([...history.drawing, stroke]),
    extend: (points) => {
      const stroke = history.drawing.at(-1);
      history.amend([...history.drawing.slice(0, -1), { ...stroke, points: [...stroke.points, ...points] }]);
      update();
    },
    clear,
  });

  function change(drawing) {
    history.change(drawing);
    update();
  }

  function update() {
    repaint();
    button.undo.disabled = !history.canUndo;
    button.redo.disabled = !history.canRedo;
    button.clear.disabled = button.copy.disabled = history.drawing.length === 0;
    note.textContent = "";
    reader.read(history.drawing);
  }

  // At most once per animation frame, however often the pen reports.
  let repainting = null;

  function repaint() {
    repainting ??= requestAnimationFrame(() => {
      repainting = null;
      paint(canvas, history.drawing);
    });
  }

  const undo = () => step(() => history.undo());
  const redo = () => step(() => history.redo());

  function step(move) {
    pen.liftKeys();
    if (!pen.isDown && move()) update();
  }

  function clear() {
    pen.lift();
    if (history.drawing.length) change([]);
  }

  // While the other tab is open, its answer is shown; this one is shown when the visitor returns.
  function show(answer) {
    if (canvas.offsetParent) window.dispatchEvent(new CustomEvent("pad-answer", { detail: answer }));
  }

  function openLink() {
    const drawing = takeSharedDrawing();
    if (drawing) change(drawing);
    if (drawing === null) note.textContent = message("bad_link");
  }

  function addExample([name, text]) {
    const example = document.createElement("button");
    const picture = document.createElement("canvas");
    picture.width = picture.height = EXAMPLE_SIDE;
    paint(picture, decode(text));
    Object.assign(example, { type: "button", title: message(name), ariaLabel: message(name) });
    example.append(picture);
    example.addEventListener("click", () => change(decode(text)));
    element.querySelector(".examples").append(example);
  }

  translate(element);
  Object.entries(EXAMPLES).forEach(addExample);
  button.undo.addEventListener("click", undo);
  button.redo.addEventListener("click", redo);
  button.clear.addEventListener("click", clear);
  button.copy.addEventListener("click", () => shareDrawing(history.drawing, props.space, note));
  button.eraser.addEventListener("click", () => {
    button.eraser.ariaPressed = pen.erases = !pen.erases;
  });

  window.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, [contenteditable]");
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    if (isTyping || !canvas.offsetParent || !isUndo) return;
    event.preventDefault();
    (event.shiftKey ? redo : undo)();
  });

  // Matches the screen's resolution, also after a resize, a zoom, or a return from the other tab.
  new ResizeObserver(() => {
    canvas.width = canvas.height = Math.max(1, Math.round(canvas.clientWidth * window.devicePixelRatio));
    paint(canvas, history.drawing);
  }).observe(canvas);

  window.addEventListener("pad-shown", () => show(reader.answer));
  window.addEventListener("hashchange", openLink);
  window.addEventListener("pagehide", () => sessionStorage.setItem(STORAGE_KEY, JSON.stringify(history.drawing)));
  update();
  openLink();
}

// The drawing survives a reload, such as Gradio's own after a lost connection. Some frames have no storage.
function storedDrawing() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY)) ?? [];
  } catch {
    return [];
  }
}

const sent = document.createElement("canvas");
sent.width = sent.height = SENT_SIDE;

async function readDrawing(drawing) {
  paint(sent, drawing);
  const picture = await new Promise((resolve) => sent.toBlob(resolve));
  return askServer("read", picture);
}
