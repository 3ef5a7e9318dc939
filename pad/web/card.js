// Draws the card to download: the picture, the answer and the ten bars.

import { paint } from "./drawing.js";

const [WIDTH, HEIGHT] = [1200, 630]; // the usual size of link previews
const PICTURE_SIDE = 530;

export async function drawCard(answer, sentence) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, WIDTH, HEIGHT);
  const [picture, width, height] = await pictureOf(answer);
  const scale = PICTURE_SIDE / Math.max(width, height);
  const [left, top] = [50 + (PICTURE_SIDE - width * scale) / 2, 50 + (PICTURE_SIDE - height * scale) / 2];
  context.drawImage(picture, left, top, width * scale, height * scale);
  context.strokeStyle = "#ddd";
  context.strokeRect(left, top, width * scale, height * scale);

  context.fillStyle = "#222";
  context.textAlign = "center";
  context.font = "bold 220px system-ui, sans-serif";
  context.fillText(answer.digit ?? "", 890, 250);
  context.font = "32px system-ui, sans-serif";
  context.fillText(sentence, 890, 330, 520);
  answer.probabilities.forEach((probability, digit) => {
    const x = 640 + 52 * digit;
    context.fillStyle = "#e4e4e7";
    context.fillRect(x, 370, 40, 150);
    context.fillStyle = answer.digit === null ? "#888" : "#f97316";
    context.fillRect(x, 370 + 150 * (1 - probability), 40, 150 * probability);
    context.fillStyle = "#222";
    context.font = "26px system-ui, sans-serif";
    context.fillText(digit, x + 20, 560);
  });
  return canvas;
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
