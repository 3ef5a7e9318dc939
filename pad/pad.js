// The drawing pad. A drawing is a list of strokes, a stroke a list of points [x, y] in shares of the pad's side, so
// that undo, resizing and the picture sent to be read are all the same drawing, painted again.

const PEN = 0.075; // width of the pen, as a share of the pad's side
const SENT_SIDE = 280; // pixels of the picture that is sent
const RETRY_MS = 1500;

const canvas = element.querySelector("canvas");
const undo = element.querySelector("[name=undo]");
const clear = element.querySelector("[name=clear]");
const sent = document.createElement("canvas");
sent.width = sent.height = SENT_SIDE;

let strokes = [];
let pointer = null; // the id of the pointer that is drawing

function paint(target) {
  const side = target.width;
  const context = target.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.lineWidth = PEN * side;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = "#000";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * side, stroke[0][1] * side);
    // Curves through the middles between points: as smooth as the hand, however few points the device reports.
    for (let i = 1; i < stroke.length; i++) {
      const [x, y] = stroke[i - 1];
      const [nextX, nextY] = stroke[i];
      context.quadraticCurveTo(x * side, y * side, ((x + nextX) / 2) * side, ((y + nextY) / 2) * side);
    }
    const [x, y] = stroke.at(-1);
    context.lineTo(x * side, y * side);
    context.stroke();
  }
}

// One request at a time: what changes meanwhile is asked about as soon as the answer is there, so answers keep pace
// with the pen and the last one always belongs to the last stroke.
let asking = false;
let changed = false;

async function ask() {
  changed = true;
  if (asking) return;
  asking = true;
  while (changed) {
    changed = false;
    show(strokes.length ? await read() : null);
  }
  asking = false;
}

async function read() {
  paint(sent);
  // A server that is gone gives undefined or an exception.
  const answer = await server.read(sent.toDataURL("image/png")).catch(() => undefined);
  if (answer) return answer;
  setTimeout(ask, RETRY_MS);
  return { error: "No answer from the server. Your drawing is kept; trying again…" };
}

function show(answer) {
  window.dispatchEvent(new CustomEvent("pad-answer", { detail: answer }));
}

function update() {
  paint(canvas);
  undo.disabled = clear.disabled = strokes.length === 0;
  ask();
}

function pointsOf(event) {
  const box = canvas.getBoundingClientRect();
  const events = event.getCoalescedEvents?.() ?? [];
  return (events.length ? events : [event]).map((each) => [
    (each.clientX - box.left) / box.width,
    (each.clientY - box.top) / box.height,
  ]);
}

canvas.addEventListener("pointerdown", (event) => {
  if (pointer !== null || event.button !== 0) return;
  pointer = event.pointerId;
  canvas.setPointerCapture(pointer);
  strokes.push(pointsOf(event));
  update();
});

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) return;
  strokes.at(-1).push(...pointsOf(event));
  update();
});

for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    if (event.pointerId === pointer) pointer = null;
  });
}

undo.addEventListener("click", () => {
  strokes.pop();
  update();
});

clear.addEventListener("click", () => {
  strokes = [];
  update();
});

// As many pixels as the screen has, also after a resize, a zoom, or a return from the other tab.
new ResizeObserver(() => {
  canvas.width = canvas.height = Math.max(1, Math.round(canvas.clientWidth * window.devicePixelRatio));
  paint(canvas);
}).observe(canvas);

window.addEventListener("pad-shown", ask);
