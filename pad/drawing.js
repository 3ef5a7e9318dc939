// A drawing is a list of strokes { erases, points }, a point [x, y, pressure]: x and y in shares of the pad's side,
// pressure 0.5 where the device does not tell it. Undoing, resizing, sharing and reading all work on the same drawing.

const PEN = 0.075; // width of the pen at a pressure of 0.5, as a share of the pad's side
const ERASER = 0.15;

const clamped = (share) => Math.min(Math.max(share, 0), 1);

function paint(target, strokes) {
  const side = target.width;
  const context = target.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.lineCap = context.lineJoin = "round";
  for (const { erases, points } of strokes) {
    context.strokeStyle = erases ? "#fff" : "#000";
    let [fromX, fromY] = points[0];
    // Curves through the middles between points: as smooth as the hand, however few points the device reports.
    points.forEach(([x, y, pressure], place) => {
      const [nextX, nextY] = points[place + 1] ?? [x, y];
      const [toX, toY] = [(x + nextX) / 2, (y + nextY) / 2];
      context.beginPath();
      context.lineWidth = side * (erases ? ERASER : PEN * (0.6 + 0.8 * pressure));
      context.moveTo(fromX * side, fromY * side);
      context.quadraticCurveTo(x * side, y * side, toX * side, toY * side);
      context.stroke();
      [fromX, fromY] = [toX, toY];
    });
  }
}

// A drawing as text, for a link. Version 1: "1", then for each stroke "." ("~" if it erases) and its points, three
// characters of base64url each: nine bits of x, nine bits of y. Pressure is left out, and so are points that lie within
// half a percent of the line between their neighbours, or more where the text would become too long.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LEVELS = 511;
const LONGEST = 15000; // characters; a link of more is nobody's drawing, and would take long to paint
const CORNER = 0.02; // how far around a corner the curve may be cut, as a share of the pad's side

function encode(strokes, tolerance = 0.005) {
  const text = strokes.map(({ erases, points }) => {
    return (erases ? "~" : ".") + simplified(points, tolerance).map(encodePoint).join("");
  });
  const whole = "1" + text.join("");
  return whole.length <= LONGEST || tolerance > 1 ? whole : encode(strokes, 2 * tolerance);
}

function encodePoint([x, y]) {
  const level = (share) => Math.round(clamped(share) * LEVELS);
  const bits = level(x) * (LEVELS + 1) + level(y);
  return DIGITS[bits >> 12] + DIGITS[(bits >> 6) & 63] + DIGITS[bits & 63];
}

// The strokes that a text stands for, or null if it is no drawing of this version.
function decode(text) {
  if (text.length > LONGEST || !/^1([.~]([\w-]{3})+)+$/.test(text)) return null;
  return [...text.matchAll(/([.~])([\w-]+)/g)].map(([, kind, points]) => ({
    erases: kind === "~",
    points: cornered(points.match(/.{3}/g).map(decodePoint)),
  }));
}

// The same line with more points, close to each corner on both its sides: paint() takes a curve from the middle of each
// line to the middle of the next, and where points are few would cut the corners.
function cornered(points) {
  return points.flatMap((point, place) => {
    const [before, after] = [points[place - 1], points[place + 1]];
    return [...(before ? [towards(before, point)] : []), point, ...(after ? [towards(after, point)] : [])];
  });
}

// The point on the way from another to this one, close to this one.
function towards([otherX, otherY], [x, y, pressure]) {
  const share = Math.min(0.5, CORNER / Math.hypot(otherX - x, otherY - y));
  return [x + share * (otherX - x), y + share * (otherY - y), pressure];
}

function decodePoint(characters) {
  const bits = [...characters].reduce((sum, character) => sum * 64 + DIGITS.indexOf(character), 0);
  return [Math.floor(bits / (LEVELS + 1)) / LEVELS, (bits % (LEVELS + 1)) / LEVELS, 0.5];
}

// Ramer (1972), Douglas and Peucker (1973): the points that a line through fewer would miss.
function simplified(points, tolerance) {
  const [first, last] = [points[0], points.at(-1)];
  const distances = points.map((point) => distanceToLine(point, first, last));
  const farthest = distances.reduce((most, distance, place) => (distance > distances[most] ? place : most), 0);
  if (distances[farthest] <= tolerance) return points.length > 1 ? [first, last] : [first];
  const before = simplified(points.slice(0, farthest + 1), tolerance);
  return [...before.slice(0, -1), ...simplified(points.slice(farthest), tolerance)];
}

function distanceToLine([x, y], [startX, startY], [endX, endY]) {
  const [alongX, alongY] = [endX - startX, endY - startY];
  const length = alongX ** 2 + alongY ** 2;
  const share = length ? clamped(((x - startX) * alongX + (y - startY) * alongY) / length) : 0;
  return Math.hypot(x - startX - share * alongX, y - startY - share * alongY);
}
