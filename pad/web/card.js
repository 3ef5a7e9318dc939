// Draws the card to share: the picture, the number, how sure it is, and the page's name and address.

import { paint } from "./drawing.js";
import { message } from "./messages.js";
import { leastProbable, percentage, sentence } from "./sentence.js";

// All lengths are in pixels.
const [WIDTH, HEIGHT] = [1200, 630]; // the usual size of link previews
const [PICTURE_SIDE, PICTURE_MARGIN] = [530, 50];
const [TEXT_LEFT, TEXT_WIDTH] = [640, 510];
const NUMBER = { bottom: 300, height: 260 };
const SURE = { bottom: 390, size: 38 };
const NAME = { bottom: 525, size: 52 };
const ADDRESS = { bottom: 575, size: 26 };
const [PAPER, BORDER, TEXT, QUIET, ACCENT] = ["#fff", "#d6d3d1", "#1c1917", "#57534e", "#c2410c"];

export async function drawCard(answer, address) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const context = canvas.getContext("2d");
  context.fillStyle = PAPER;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  const [picture, width, height] = pictureOf(answer.given);
  const scale = PICTURE_SIDE / Math.max(width, height);
  const [left, top] = [width, height].map((length) => PICTURE_MARGIN + (PICTURE_SIDE - length * scale) / 2);
  context.drawImage(picture, left, top, width * scale, height * scale);
  context.strokeStyle = BORDER;
  context.strokeRect(left, top, width * scale, height * scale);

  context.fillStyle = TEXT;
  drawNumber(context, answer.number.split("\n"));
  write(context, howSure(answer), SURE);
  context.fillStyle = ACCENT;
  write(context, message("title"), NAME);
  context.fillStyle = QUIET;
  write(context, address.replace(/^https?:\/\//, "").replace(/\/$/, ""), ADDRESS);
  return canvas;
}

function howSure(answer) {
  if (!answer.number) return answer.reason === "not a digit" ? message("none") : sentence(answer);
  return message("sure", { percent: percentage(answer.digits[leastProbable(answer.digits)].probability) });
}

function write(context, text, { bottom, size }) {
  context.font = `${size}px system-ui, sans-serif`;
  context.fillText(text, TEXT_LEFT, bottom, TEXT_WIDTH);
}

// Draws the lines of a number as large as they fit.
function drawNumber(context, lines) {
  context.font = bold(NUMBER.height);
  const width = Math.max(1, ...lines.map((line) => context.measureText(line).width));
  const size = NUMBER.height * Math.min(1 / lines.length, TEXT_WIDTH / width);
  context.font = bold(size);
  lines.toReversed().forEach((line, place) => context.fillText(line, TEXT_LEFT, NUMBER.bottom - place * size));
}

const bold = (size) => `bold ${size}px system-ui, sans-serif`;

// Returns a photo's picture or a drawing, painted, with its width and height.
export function pictureOf(given) {
  if (given.file) return [given.picture, given.picture.naturalWidth, given.picture.naturalHeight];
  const drawing = document.createElement("canvas");
  drawing.width = drawing.height = PICTURE_SIDE;
  paint(drawing, given);
  return [drawing, PICTURE_SIDE, PICTURE_SIDE];
}
