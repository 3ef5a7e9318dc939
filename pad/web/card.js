// Draws the card to download: the picture, the answer and, unless it is a number, the ten bars.

import { paint } from "./drawing.js";
import { isNumber } from "./sentence.js";

// All lengths are in pixels.
const [WIDTH, HEIGHT] = [1200, 630]; // the usual size of link previews
const [PICTURE_SIDE, PICTURE_MARGIN] = [530, 50];
const TEXT_CENTRE = 890;
const NUMBER = { bottom: 250, width: 520, height: 220, family: "system-ui, sans-serif" };
const SENTENCE = { bottom: 330, width: 520, font: "32px system-ui, sans-serif" };
const BARS = { left: 640, step: 52, top: 370, width: 40, height: 150 };
const LABELS = { bottom: 560, font: "26px system-ui, sans-serif" };
const [PAPER, BORDER, TEXT, TRACK, BAR, REJECTED_BAR] = ["#fff", "#ddd", "#222", "#e4e4e7", "#f97316", "#888"];

export async function drawCard(answer, sentence) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const context = canvas.getContext("2d");
  context.fillStyle = PAPER;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  const [picture, width, height] = await pictureOf(answer);
  const scale = PICTURE_SIDE / Math.max(width, height);
  const [left, top] = [width, height].map((length) => PICTURE_MARGIN + (PICTURE_SIDE - length * scale) / 2);
  context.drawImage(picture, left, top, width * scale, height * scale);
  context.strokeStyle = BORDER;
  context.strokeRect(left, top, width * scale, height * scale);

  context.fillStyle = TEXT;
  context.textAlign = "center";
  drawNumber(context, answer.number.split("\n"));
  context.font = SENTENCE.font;
  context.fillText(sentence, TEXT_CENTRE, SENTENCE.bottom, SENTENCE.width);
  if (!isNumber(answer)) drawBars(context, answer);
  return canvas;
}

// Draws the lines of a number as large as they fit.
function drawNumber(context, lines) {
  const font = (size) => `bold ${size}px ${NUMBER.family}`;
  context.font = font(NUMBER.height);
  const width = Math.max(...lines.map((line) => context.measureText(line).width));
  const size = NUMBER.height * Math.min(1 / lines.length, NUMBER.width / width);
  context.font = font(size);
  lines.toReversed().forEach((line, place) => context.fillText(line, TEXT_CENTRE, NUMBER.bottom - place * size));
}

function drawBars(context, answer) {
  context.font = LABELS.font;
  answer.probabilities.forEach((probability, digit) => {
    const x = BARS.left + BARS.step * digit;
    context.fillStyle = TRACK;
    context.fillRect(x, BARS.top, BARS.width, BARS.height);
    context.fillStyle = answer.digit === null ? REJECTED_BAR : BAR;
    context.fillRect(x, BARS.top + BARS.height * (1 - probability), BARS.width, BARS.height * probability);
    context.fillStyle = TEXT;
    context.fillText(digit, x + BARS.width / 2, LABELS.bottom);
  });
}

// The photo or the drawing that the answer is about, with its width and height.
export async function pictureOf(answer) {
  if (answer.picture) {
    const photo = new Image();
    photo.src = answer.picture;
    await photo.decode();
    return [photo, photo.naturalWidth, photo.naturalHeight];
  }
  const drawing = document.createElement("canvas");
  drawing.width = drawing.height = PICTURE_SIDE;
  paint(drawing, answer.drawing);
  return [drawing, PICTURE_SIDE, PICTURE_SIDE];
}
