// Frames: a digit's ink scaled and centred in 28×28 pixels, as in MNIST. The same as model/preparation/frame.py.

import { STEPS_3, STEPS_5, distanceTransform } from "./distances.js";
import { clamp, round, sum } from "./numbers.js";
import { above, boundingBox, crop, largest, map, newPlane, pad, paste } from "./plane.js";
import { resize } from "./resize.js";

export const [SIDE, BOX] = [28, 20];
export const [MIN_STROKE, USUAL_STROKE] = [1.5, 2.5];
export const FAINT = 0.25;
export const INSIDE = 0.5;
export const [BOX_TOLERANCE, CENTRE_TOLERANCE] = [1, 1.0];

// Returns a grey picture as a frame if it has MNIST's form, of either polarity; otherwise null.
export function asFrame(grey) {
  if (grey.width !== SIDE || grey.height !== SIDE) return null;
  const negative = map(grey, (value) => 255 - value);
  return [grey, negative].map((each) => map(each, (value) => value / 255)).find(hasMnistsForm) ?? null;
}

function hasMnistsForm(frame) {
  const [left, top, right, bottom] = boundingBox(frame, 0) ?? [0, 0, 0, 0];
  if (Math.abs(Math.max(right - left, bottom - top) - BOX) > BOX_TOLERANCE) return false;
  return centreOfMass(frame).every((centre) => Math.abs(centre + 0.5 - SIDE / 2) <= CENTRE_TOLERANCE);
}

// Returns the frame of a digit's ink, 0 for paper, 1 for full ink. There must be some.
export function makeFrame(ink) {
  ink = cropToInk(widen(cropToInk(ink)));
  const scale = BOX / Math.max(ink.width, ink.height);
  const [width, height] = [ink.width, ink.height].map((side) => Math.max(1, round(side * scale)));
  const digit = map(resize(ink, width, height, scale < 1 ? "area" : "linear"), (value) => clamp(value, 0, 1));
  const [x, y] = centreOfMass(digit);
  const frame = newPlane(SIDE, SIDE);
  paste(digit, frame, clamp(round(SIDE / 2 - x), 0, SIDE - width), clamp(round(SIDE / 2 - y), 0, SIDE - height));
  return frame;
}

function centreOfMass({ width, data }) {
  let [mass, x, y] = [0, 0, 0];
  for (let index = 0; index < data.length; index++) {
    mass += data[index];
    x += data[index] * (index % width);
    y += data[index] * Math.floor(index / width);
  }
  return [x / mass, y / mass];
}

// Crops to the ink and its soft edge, one pixel of the 20×20 box wide; faint traces further off do not count.
function cropToInk(ink) {
  const [left, top, right, bottom] = boundingBox(ink, FAINT * largest(ink));
  const edge = Math.ceil(Math.max(right - left, bottom - top) / (BOX - 2));
  const around = [left - edge, top - edge, right + edge, bottom + edge];
  const sizes = [ink.width, ink.height, ink.width, ink.height];
  const near = crop(ink, around.map((place, side) => clamp(place, 0, sizes[side])));
  return crop(near, boundingBox(near, 0));
}

// Widens strokes that would be thinner in the frame than any of MNIST's.
function widen(ink) {
  const inside = pad(above(ink, INSIDE), 1);
  const area = sum(inside.data);
  // Across a stroke the distance to its edge grows from 0 to half the width: on average it is a quarter of it.
  const stroke = area ? (4 * sum(distanceTransform(inside, STEPS_3).distances)) / area : 1;
  const scale = BOX / Math.max(ink.width, ink.height);
  if (stroke * scale >= MIN_STROKE) return ink;
  const margin = (USUAL_STROKE / scale - stroke) / 2;
  const padded = pad(ink, Math.ceil(margin) + 1);
  const toInk = distanceTransform(map(padded, (value) => value <= INSIDE), STEPS_5).distances;
  return map(padded, (value, index) => Math.max(value, clamp(margin + 1 - toInk[index], 0, 1)));
}
