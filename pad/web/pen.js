// The pen: strokes by pointer or keyboard on the canvas, and the tip, which shows its position and width.

import { clamp } from "./clamp.js";
import { ERASER, NO_PRESSURE, PEN } from "./drawing.js";

const KEY_STEP = 0.03; // how far an arrow key moves the pen
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = "keys"; // the pen's holder if it is the keyboard and not a pointer
const CONTROLS = "a, button, input, summary, dialog, [role=button]";

export class Pen {
  #canvas;
  #tip;
  #start;
  #extend;
  #holder = null; // KEYS or a pointer's id while the pen is down
  #beside = null; // the latest point of a pointer that was pressed beside the pad
  #erases = false;
  #position = [0.5, 0.5];

  // start(stroke) is called when the pen is put down, extend(points) when it moves.
  constructor(canvas, tip, { start, extend }) {
    this.#canvas = canvas;
    this.#tip = tip;
    this.#start = start;
    this.#extend = extend;
    canvas.addEventListener("pointerdown", (event) => this.#onPointerDown(event));
    canvas.addEventListener("pointermove", (event) => this.#onPointerMove(event));
    canvas.addEventListener("pointerup", (event) => this.#onPointerEnd(event));
    canvas.addEventListener("pointercancel", (event) => this.#onPointerEnd(event));
    canvas.addEventListener("pointerleave", () => (tip.hidden = document.activeElement !== canvas));
    canvas.addEventListener("keydown", (event) => this.#onKeyDown(event));
    canvas.addEventListener("blur", () => {
      this.liftKeys();
      tip.hidden = true;
    });
    window.addEventListener("pointerdown", (event) => this.#onPointerDownBeside(event));
    window.addEventListener("pointermove", (event) => this.#onPointerMoveBeside(event));
  }

  get isDown() {
    return this.#holder !== null;
  }

  get erases() {
    return this.#erases;
  }

  set erases(erases) {
    this.#erases = erases;
    this.#showTip();
  }

  lift() {
    this.#holder = null;
    this.#showTip();
  }

  // Lifts the pen if the keyboard holds it; a pointer lifts it itself.
  liftKeys() {
    if (this.#holder === KEYS) this.lift();
  }

  #putDown(holder, points) {
    this.#holder = holder;
    this.#start({ erases: this.#erases, points });
  }

  #onPointerDown(event) {
    if (this.isDown || event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#putDown(event.pointerId, this.#pointsOf(event));
  }

  #onPointerMove(event) {
    const points = this.#pointsOf(event);
    if (event.pointerId === this.#holder) this.#extend(points);
    if (this.#holder === KEYS) return;
    this.#position = points.at(-1).slice(0, 2);
    this.#tip.hidden = event.pointerType === "touch";
    this.#showTip();
  }

  #onPointerEnd(event) {
    if (event.pointerId === this.#holder) this.lift();
  }

  // A mouse or pen that was pressed beside the pad draws from the edge on. A finger scrolls there.
  #onPointerDownBeside(event) {
    const draws = event.button === 0 && event.pointerType !== "touch" && !event.target.closest?.(CONTROLS);
    this.#beside = draws && event.target !== this.#canvas ? this.#pointsOf(event).at(-1) : null;
  }

  #onPointerMoveBeside(event) {
    if (this.#beside === null || this.isDown) return;
    const points = this.#pointsOf(event);
    if (!(event.buttons & 1)) {
      this.#beside = null;
    } else if (event.target === this.#canvas) {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#putDown(event.pointerId, [edgePoint(this.#beside, points[0]), ...points]);
      this.#beside = null;
    } else {
      this.#beside = points.at(-1);
    }
  }

  #onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (STEPS[event.key]) {
      this.#position = this.#position.map((value, axis) => clamp(value + KEY_STEP * STEPS[event.key][axis]));
      if (this.#holder === KEYS) this.#extend([[...this.#position, NO_PRESSURE]]);
    } else if (event.key === " ") {
      if (!event.repeat) {
        if (this.#holder === KEYS) this.lift();
        else if (!this.isDown) this.#putDown(KEYS, [[...this.#position, NO_PRESSURE]]);
      }
    } else {
      return;
    }
    event.preventDefault();
    this.#tip.hidden = false;
    this.#showTip();
  }

  // Includes the points since the last event, if the browser reports them.
  #pointsOf(event) {
    const box = this.#canvas.getBoundingClientRect();
    const events = event.getCoalescedEvents?.() ?? [];
    return (events.length ? events : [event]).map((each) => [
      (each.clientX - box.left) / box.width,
      (each.clientY - box.top) / box.height,
      each.pointerType === "pen" ? each.pressure : NO_PRESSURE,
    ]);
  }

  #showTip() {
    const size = this.#erases ? ERASER : PEN;
    this.#tip.classList.toggle("down", this.#holder === KEYS);
    this.#tip.classList.toggle("erases", this.#erases);
    this.#tip.style.width = `${100 * size}%`;
    this.#tip.style.left = `${100 * (this.#position[0] - size / 2)}%`;
    this.#tip.style.top = `${100 * (this.#position[1] - size / 2)}%`;
  }
}

// The point at which the way from a point beside the pad to one on it crosses the pad's edge.
function edgePoint([fromX, fromY], [toX, toY, pressure]) {
  const fraction = clamp(Math.max(crossing(fromX, toX), crossing(fromY, toY)));
  return [fromX + fraction * (toX - fromX), fromY + fraction * (toY - fromY), pressure];
}

const crossing = (from, to) => (clamp(from) === from ? 0 : (clamp(from) - from) / (to - from));
