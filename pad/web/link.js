// The format of a drawing in a link.
//
// Version 1: "1", then for each stroke "." ("~" if it erases) and its points, three characters of base64url each: nine
// bits of x, nine bits of y. Pressure is left out, and so are points that lie within the tolerance of the line between
// their neighbours.

import { clamp } from "./clamp.js";
import { NO_PRESSURE } from "./drawing.js";
import { simplify } from "./simplify.js";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MAX_COORDINATE = 511;
const TOLERANCE = 0.005; // as a fraction of the pad's side
const CORNER = 0.02; // how far around a corner the curve may be cut, as a fraction of the pad's side

export const MAX_LENGTH = 15000; // characters; far more than a drawing needs, and longer ones would take long to paint

// A drawing whose text would be longer than MAX_LENGTH loses more points.
export function encode(drawing, tolerance = TOLERANCE) {
  const strokes = drawing.map(({ erases, points }) => {
    return (erases ? "~" : ".") + simplify(points, tolerance).map(encodePoint).join("");
  });
  const text = "1" + strokes.join("");
  return text.length <= MAX_LENGTH || tolerance > 1 ? text : encode(drawing, 2 * tolerance);
}

function encodePoint([x, y]) {
  const integer = (coordinate) => Math.round(clamp(coordinate) * MAX_COORDINATE);
  const bits = integer(x) * (MAX_COORDINATE + 1) + integer(y);
  return BASE64URL[bits >> 12] + BASE64URL[(bits >> 6) & 63] + BASE64URL[bits & 63];
}

// Returns null if the text is not a drawing in this format.
export function decode(text) {
  if (text.length > MAX_LENGTH || !/^1([.~]([\w-]{3})+)+$/.test(text)) return null;
  return [...text.matchAll(/([.~])([\w-]+)/g)].map(([, kind, points]) => ({
    erases: kind === "~",
    points: sharpenCorners(points.match(/.{3}/g).map(decodePoint)),
  }));
}

function decodePoint(characters) {
  const bits = [...characters].reduce((sum, character) => sum * 64 + BASE64URL.indexOf(character), 0);
  const [x, y] = [Math.floor(bits / (MAX_COORDINATE + 1)), bits % (MAX_COORDINATE + 1)];
  return [x / MAX_COORDINATE, y / MAX_COORDINATE, NO_PRESSURE];
}

// Adds a point close to each corner on both its sides: paint() takes a curve from the middle of each line to the middle
// of the next, and would cut the corners where points are few.
function sharpenCorners(points) {
  return points.flatMap((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    return [...(before ? [pointNear(point, before)] : []), point, ...(after ? [pointNear(point, after)] : [])];
  });
}

// The point on the way from this one to the other, close to this one.
function pointNear([x, y, pressure], [otherX, otherY]) {
  const fraction = Math.min(0.5, CORNER / Math.hypot(otherX - x, otherY - y));
  return [x + fraction * (otherX - x), y + fraction * (otherY - y), pressure];
}
