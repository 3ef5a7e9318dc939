// From a grey picture to its ink map: how probable it is that each pixel is handwriting, found by a small network. The
// same as model/preparation/ink.py.
//
// An ink map is { ink, contact, box }: planes of the probability of ink and of contact between two characters, and
// where they are in fractions of the picture's width and height.

import { boxBlur, reflect } from "./blur.js";
import { connectedComponents } from "./components.js";
import { argmax, clamp, maximum, mean, median, minimum, round, sum } from "./numbers.js";
import { above, crop, map, newPlane } from "./plane.js";
import { resize } from "./resize.js";

export const SHAPES = [
  [128, 128],
  [192, 192],
  [128, 288],
  [96, 384],
];
export const MAX_ENLARGEMENT = 4.0;
export const MIN_HEIGHT = 17;
export const MIN_REDUCTION = 1.3;
export const [MARGIN, MIN_MARGIN] = [0.3, 8];
export const [INKED, MIN_AREA] = [0.35, 6];
export const [SURE_INK, SURE_PAPER, POSSIBLE_INK] = [0.7, 0.1, 0.02];
export const ROUNDING = 0.499;
export const MIN_MEAN_INK = 0.4;
export const [MIN_CONTRAST, MEAN_WEIGHT] = [4.0, 1e-3];
export const SAMPLING = 3;
export const [GLOBAL_FLOOR, LOCAL_FLOOR] = [0.02, 0.01];
export const NEIGHBOURHOOD = 1 / 6;
export const MAX_DEVIATION = 6.0;

export const signatureName = ([height, width]) => `${height}x${width}`;

// Finds the ink in a picture, dark on light or light on dark. The network maps a standardised picture to the
// probabilities of ink and of contact, side by side.
export async function findInk(grey, network) {
  grey = darkOnLight(grey);
  const found = await run(grey, network);
  const { width, height } = grey;
  const reduction = width / found.ink.width;
  const writing = reduction >= MIN_REDUCTION ? smallWriting(found.ink) : null;
  if (!writing) return { ...found, box: [0, 0, 1, 1] };
  const sizes = [width, height, width, height];
  const box = writing.map((length, side) => Math.min(round(length * reduction), sizes[side]));
  return { ...(await run(crop(grey, box), network)), box: box.map((length, side) => length / sizes[side]) };
}

// Returns a picture or its negative, whichever is mostly light: ink is rarer than paper.
function darkOnLight(grey) {
  const sample = [];
  for (let y = 0; y < grey.height; y += SAMPLING) {
    for (let x = 0; x < grey.width; x += SAMPLING) sample.push(grey.data[y * grey.width + x]);
  }
  return mean(sample) > median(sample) ? map(grey, (value) => 255 - value, Uint8ClampedArray) : grey;
}

// Standardises a picture over the whole of it and over each pixel's neighbourhood, side by side.
export function standardised(grey) {
  const [pixels, squares] = [newPlane(grey.width, grey.height), newPlane(grey.width, grey.height)];
  for (let index = 0; index < grey.data.length; index++) {
    pixels.data[index] = grey.data[index] / 255;
    squares.data[index] = pixels.data[index] ** 2;
  }
  const average = mean(pixels.data);
  const deviation = Math.sqrt(Math.max(mean(squares.data) - average ** 2, 0)) + GLOBAL_FLOOR;
  const [local, localSquares] = [pixels, squares].map((plane) => boxBlur(plane, neighbourhood(grey), reflect).data);
  const values = new Float32Array(2 * pixels.data.length);
  for (let index = 0; index < pixels.data.length; index++) {
    const [value, localAverage] = [pixels.data[index], local[index]];
    const localDeviation = Math.sqrt(Math.max(localSquares[index] - localAverage ** 2, 0)) + LOCAL_FLOOR;
    values[2 * index] = clamp((value - average) / deviation, -MAX_DEVIATION, MAX_DEVIATION);
    values[2 * index + 1] = clamp((value - localAverage) / localDeviation, -MAX_DEVIATION, MAX_DEVIATION);
  }
  return values;
}

// The side, an odd number, of the neighbourhood in which a picture is standardised locally.
const neighbourhood = ({ width, height }) => Math.floor(Math.max(width, height) * NEIGHBOURHOOD) | 1;

// Runs the network at the first shape that holds the picture, or else at the one that shows it largest.
async function run(grey, network) {
  const scales = SHAPES.map(([height, width]) => Math.min(height / grey.height, width / grey.width));
  const fitting = scales.findIndex((scale) => scale >= 1);
  const index = fitting >= 0 ? fitting : argmax(scales);
  const scale = Math.min(scales[index], MAX_ENLARGEMENT);
  const [width, height] = [grey.width, grey.height].map((side) => Math.max(1, round(side * scale)));
  const { data } = resize(grey, width, height, scale < 1 ? "area" : "cubic");
  const resized = newPlane(width, height, Uint8ClampedArray);
  for (let place = 0; place < data.length; place++) resized.data[place] = Math.floor(data[place] + ROUNDING);
  const [left, top] = [(SHAPES[index][1] - width) >> 1, (SHAPES[index][0] - height) >> 1];
  const padded = withBorder(resized, left, top, SHAPES[index]);
  const found = await network(standardised(padded), SHAPES[index]);
  const [ink, contact] = [newPlane(width, height), newPlane(width, height)];
  for (let y = 0, place = 0; y < height; y++) {
    for (let x = 0, from = 2 * ((y + top) * padded.width + left); x < width; x++, place++, from += 2) {
      ink.data[place] = found[from];
      contact.data[place] = found[from + 1];
    }
  }
  return { ink: withContrast(ink, resized), contact };
}

// Places a picture on a larger one, which its edges fill.
function withBorder({ width, height, data }, left, top, [fullHeight, fullWidth]) {
  const full = newPlane(fullWidth, fullHeight);
  for (let y = 0, index = 0; y < fullHeight; y++) {
    const row = width * clamp(y - top, 0, height - 1);
    for (let x = 0; x < fullWidth; x++, index++) full.data[index] = data[row + clamp(x - left, 0, width - 1)];
  }
  return full;
}

// Raises the probability of ink to the contrast of the picture where there may be ink.
//
// The network tells ink from what is not; it is less sure of faint parts of strokes. How much ink they have is the
// contrast: 0 for what paper nearby is like, 1 for what sure ink nearby is like. Marks that the network does not take
// for ink stay as they are, such as parts of a circle around a digit.
function withContrast(ink, grey) {
  const isInk = above(ink, SURE_INK);
  if (sum(isInk.data) < MIN_AREA) return ink;
  const isPaper = newPlane(ink.width, ink.height);
  for (let index = 0; index < ink.data.length; index++) isPaper.data[index] = ink.data[index] < SURE_PAPER ? 1 : 0;
  const side = neighbourhood(ink);
  const [dark, light] = [isInk, isPaper].map((mask) => localMean(grey, mask, side).data);
  const raised = newPlane(ink.width, ink.height);
  for (let index = 0; index < ink.data.length; index++) {
    raised.data[index] = ink.data[index];
    if (ink.data[index] <= POSSIBLE_INK) continue;
    const contrast = (light[index] - grey.data[index]) / Math.max(light[index] - dark[index], MIN_CONTRAST);
    raised.data[index] = Math.max(ink.data[index], clamp(contrast, 0, 1));
  }
  const { labels, components } = connectedComponents(above(raised, INKED));
  const inks = new Float64Array(components.length + 1);
  for (let index = 0; index < ink.data.length; index++) inks[labels.data[index]] += ink.data[index];
  const isFaint = [false, ...components.map(({ label, area }) => inks[label] / area < MIN_MEAN_INK)];
  for (let index = 0; index < ink.data.length; index++) {
    if (isFaint[labels.data[index]]) raised.data[index] = ink.data[index];
  }
  return raised;
}

// Returns the mean of the values in a mask, in a square around each pixel; where there are few, of all of them.
function localMean(values, mask, side) {
  const masked = newPlane(mask.width, mask.height);
  for (let index = 0; index < masked.data.length; index++) masked.data[index] = values.data[index] * mask.data[index];
  const total = sum(masked.data) / Math.max(sum(mask.data), 1);
  const [means, counts] = [masked, mask].map((plane) => boxBlur(plane, side, reflect));
  for (let index = 0; index < means.data.length; index++) {
    means.data[index] = (means.data[index] + MEAN_WEIGHT * total) / (counts.data[index] + MEAN_WEIGHT);
  }
  return means;
}

// Returns the box around all ink but specks, with a margin, in pixels of the map, if all of it is less high than
// MIN_HEIGHT; otherwise null.
function smallWriting(ink) {
  const { components } = connectedComponents(above(ink, INKED));
  const boxes = components.filter(({ area }) => area >= MIN_AREA).map(({ box }) => box);
  if (!boxes.length || maximum(boxes.map(([, top, , bottom]) => bottom - top)) >= MIN_HEIGHT) return null;
  const [left, top] = [0, 1].map((side) => minimum(boxes.map((box) => box[side])));
  const [right, bottom] = [2, 3].map((side) => maximum(boxes.map((box) => box[side])));
  const margin = MARGIN * Math.min(right - left, bottom - top) + MIN_MARGIN;
  return [
    Math.max(0, left - margin),
    Math.max(0, top - margin),
    Math.min(ink.width, right + margin),
    Math.min(ink.height, bottom + margin),
  ];
}
