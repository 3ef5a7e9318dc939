// A card to keep or send: the picture, the answer, and the ten bars, 1200×630 as link previews have them.

async function card(answer, sentence) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1200, 630];
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const [picture, width, height] = await pictureOf(answer);
  const scale = 530 / Math.max(width, height);
  const [left, top] = [50 + (530 - width * scale) / 2, 50 + (530 - height * scale) / 2];
  context.drawImage(picture, left, top, width * scale, height * scale);
  context.strokeStyle = "#ddd";
  context.strokeRect(left, top, width * scale, height * scale);

  context.fillStyle = "#222";
  context.textAlign = "center";
  context.font = "bold 220px system-ui, sans-serif";
  context.fillText(answer.digit ?? "", 890, 250);
  context.font = "32px system-ui, sans-serif";
  context.fillText(sentence, 890, 330, 520);
  answer.probabilities.forEach((probability, place) => {
    const x = 640 + 52 * place;
    context.fillStyle = "#e4e4e7";
    context.fillRect(x, 370, 40, 150);
    context.fillStyle = answer.digit === null ? "#888" : "#f97316";
    context.fillRect(x, 370 + 150 * (1 - probability), 40, 150 * probability);
    context.fillStyle = "#222";
    context.font = "26px system-ui, sans-serif";
    context.fillText(place, x + 20, 560);
  });
  return canvas;
}

// What was read: the photo or the drawing that the answer tells of.
async function pictureOf(answer) {
  if (answer.picture) {
    const photo = new Image();
    photo.src = answer.picture;
    await photo.decode();
    return [photo, photo.naturalWidth, photo.naturalHeight];
  }
  const drawing = document.createElement("canvas");
  drawing.width = drawing.height = 530;
  paint(drawing, answer.drawing);
  return [drawing, 530, 530];
}
