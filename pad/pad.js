// The drawing pad: pointer, keys and buttons make a drawing, which is painted and sent to be read.

const SENT_SIDE = 200; // pixels of the picture that is sent: more make no answer better
const RETRY_SECONDS = 1.5; // where the server names no other time
const KEY_STEP = 0.03; // how far an arrow key moves the pen

const canvas = element.querySelector("canvas");
const tip = element.querySelector(".tip");
const button = Object.fromEntries([...element.querySelectorAll("button")].map((each) => [each.name, each]));
const note = element.querySelector(".note");
const sent = document.createElement("canvas");
sent.width = sent.height = SENT_SIDE;

let strokes = []; // never changed in place: an answer holds the drawing that it tells of
const past = []; // drawings to go back to, the latest last
let future = []; // drawings that were gone back from
let pointer = null; // the id of the pointer that is drawing, or "keys"
let erasing = false;
let place = [0.5, 0.5]; // of the pen

function change(drawing) {
  past.push(strokes);
  future = [];
  strokes = drawing;
  update();
}

function goBack(from, to) {
  if (pointer === "keys") penUp();
  if (!from.length || pointer !== null) return;
  to.push(strokes);
  strokes = from.pop();
  update();
}

function update() {
  repaint();
  button.undo.disabled = past.length === 0;
  button.redo.disabled = future.length === 0;
  button.clear.disabled = button.copy.disabled = strokes.length === 0;
  note.textContent = "";
  if (answer && begun(answer.drawing) !== begun(strokes)) show(null);
  ask();
}

// Once for each picture of the screen, however often the pen reports.
let painting = null;

function repaint() {
  painting ??= requestAnimationFrame(() => {
    painting = null;
    paint(canvas, strokes);
  });
}

const undo = () => goBack(past, future);
const redo = () => goBack(future, past);
const clear = () => {
  penUp();
  if (strokes.length) change([]);
};

// One request at a time: what changes meanwhile is asked about as soon as the answer is there, so answers keep pace
// with the pen and the last one always belongs to the last stroke. Nor is anything asked before a retry is due.
let asking = false;
let answer = null; // the last one, with its drawing

async function ask() {
  if (asking) return;
  asking = true;
  while (strokes.length && (answer?.drawing !== strokes || answer.retryAfter)) {
    const read = await readDrawing(strokes);
    if (begun(read.drawing) === begun(strokes)) show(read);
    if (read.retryAfter) await new Promise((resolve) => setTimeout(resolve, 1000 * read.retryAfter));
  }
  asking = false;
}

async function readDrawing(drawing) {
  paint(sent, drawing);
  const picture = await new Promise((resolve) => sent.toBlob(resolve));
  const read = await askServer("read", picture).catch(() => ({ code: "lost", retryAfter: RETRY_SECONDS }));
  return { ...read, drawing };
}

// Drawings that begin with the very same point are one that grows; an answer about another is none about this one.
const begun = (drawing) => drawing[0]?.points[0];

// On the other tab the answer is a photo's; this one is shown on the way back.
function show(latest) {
  answer = latest;
  if (canvas.offsetParent) window.dispatchEvent(new CustomEvent("pad-answer", { detail: answer }));
}

function penDown(by, points) {
  pointer = by;
  change([...strokes, { erases: erasing, points }]);
}

function penMoves(points) {
  const stroke = strokes.at(-1);
  strokes = [...strokes.slice(0, -1), { ...stroke, points: [...stroke.points, ...points] }];
  update();
}

function penUp() {
  pointer = null;
  showTip();
}

function showTip() {
  const size = erasing ? ERASER : PEN;
  tip.classList.toggle("down", pointer === "keys");
  tip.style.width = `${100 * size}%`;
  tip.style.left = `${100 * (place[0] - size / 2)}%`;
  tip.style.top = `${100 * (place[1] - size / 2)}%`;
}

function pointsOf(event) {
  const box = canvas.getBoundingClientRect();
  const events = event.getCoalescedEvents?.() ?? [];
  return (events.length ? events : [event]).map((each) => [
    (each.clientX - box.left) / box.width,
    (each.clientY - box.top) / box.height,
    each.pointerType === "pen" ? each.pressure : 0.5,
  ]);
}

canvas.addEventListener("pointerdown", (event) => {
  if (pointer !== null || event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  penDown(event.pointerId, pointsOf(event));
});

canvas.addEventListener("pointermove", (event) => {
  const points = pointsOf(event);
  if (event.pointerId === pointer) penMoves(points);
  if (pointer === "keys") return;
  place = points.at(-1).slice(0, 2);
  tip.hidden = event.pointerType === "touch";
  showTip();
});

canvas.addEventListener("pointerleave", () => (tip.hidden = document.activeElement !== canvas));

for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    if (event.pointerId === pointer) penUp();
  });
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

canvas.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (STEPS[event.key]) {
    place = place.map((share, axis) => clamped(share + KEY_STEP * STEPS[event.key][axis]));
    if (pointer === "keys") penMoves([[...place, 0.5]]);
  } else if (event.key === " ") {
    if (!event.repeat) {
      if (pointer === "keys") penUp();
      else if (pointer === null) penDown("keys", [[...place, 0.5]]);
    }
  } else if (event.key === "Delete" || event.key === "Escape") {
    clear();
  } else {
    return;
  }
  event.preventDefault();
  tip.hidden = false;
  showTip();
});

canvas.addEventListener("blur", () => {
  if (pointer === "keys") penUp();
  tip.hidden = true;
});

window.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, [contenteditable]");
  if (typing || !canvas.offsetParent || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  (event.shiftKey ? redo : undo)();
});

button.undo.addEventListener("click", undo);
button.redo.addEventListener("click", redo);
button.clear.addEventListener("click", clear);
for (const [name, text] of Object.entries(EXAMPLES)) {
  const example = document.createElement("button");
  const small = document.createElement("canvas");
  small.width = small.height = 112;
  paint(small, decode(text));
  Object.assign(example, { type: "button", title: words[name], ariaLabel: words[name] });
  example.append(small);
  example.addEventListener("click", () => change(decode(text)));
  element.querySelector(".examples").append(example);
}

button.copy.addEventListener("click", copyLink);
button.eraser.addEventListener("click", () => {
  button.eraser.ariaPressed = erasing = !erasing;
  showTip();
});

// As many pixels as the screen has, also after a resize, a zoom, or a return from the other tab.
new ResizeObserver(() => {
  canvas.width = canvas.height = Math.max(1, Math.round(canvas.clientWidth * window.devicePixelRatio));
  paint(canvas, strokes);
}).observe(canvas);

window.addEventListener("pad-shown", () => show(answer));
window.addEventListener("hashchange", openShared);

// The page's address may hold a drawing. Within a Space's frame the address to share is that of the Space's page, which
// hands what follows its "#" on to the frame.
const KEY = "#drawing=";

function address() {
  const space = window.parent !== window && props.space;
  return (space ? `https://huggingface.co/spaces/${space}` : location.href.split("#")[0]) + KEY + encode(strokes);
}

async function copyLink() {
  const copied = await navigator.clipboard?.writeText(address()).then(() => true, () => false);
  if (copied) {
    note.textContent = words.copied;
    return;
  }
  const field = document.createElement("input");
  Object.assign(field, { readOnly: true, value: address(), ariaLabel: words.copy_by_hand });
  note.replaceChildren(field);
  field.select();
}

function openShared() {
  if (!location.hash.startsWith(KEY)) return;
  const drawing = decode(location.hash.slice(KEY.length));
  if (!drawing) {
    note.textContent = words.bad_link;
    return;
  }
  change(drawing);
  history.replaceState(history.state, "", location.href.split("#")[0]); // or a reload would bring it back over a newer one
}

// The drawing outlives a reload, such as Gradio's own when a lost server is back. Some frames have no storage.
const KEPT = "digit-pad";

window.addEventListener("pagehide", () => sessionStorage.setItem(KEPT, JSON.stringify(strokes)));
try {
  strokes = JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
} catch {}
update();
openShared();
