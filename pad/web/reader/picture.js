// Pictures: decodes any that the browser can decode to one upright grey picture of moderate size. The same as
// model/preparation/picture.py, but for the formats, which are the browser's.

import { boxBlur, reflectAround } from "./blur.js";
import { list, maximum, mean, median, round, sum } from "./numbers.js";
import { map, newPlane } from "./plane.js";
import { resize } from "./resize.js";

export const MAX_PIXELS = 64_000_000;
export const WORKING_SIDE = 1000;
export const OPAQUE = 0.5;
export const BRIGHT_INK = 160;
export const [ONE_COLOUR, COLOUR_TOLERANCE] = [0.995, 16];
export const [COLOUR_SIDE, COLOUR_NEIGHBOURHOOD] = [128, 19];
export const COLOUR_PRIOR = 0.05;

const MAX_CANVAS = 4096 ** 2; // pixels of the largest canvas that phones have; larger pictures are shrunk before
const SQUARINGS = 24; // of a matrix, until its largest eigenvector is all that is left

// A picture cannot be read; the code names the message that says why.
export class PictureError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

// Decodes a file, or takes the pixels of an ImageData, and converts it to grey.
//
// Colours are projected on the axis along which neighbouring places differ most, so that yellow ink on white paper, or
// blue on red of the same brightness, keeps its contrast.
export async function loadGrey(picture) {
  const pixels = layOnPaper(shrink(picture instanceof Blob ? await decode(picture) : picture, WORKING_SIDE));
  return isGrey(pixels) ? channelOf(pixels, 0) : project(pixels);
}

async function decode(file) {
  const options = { imageOrientation: "from-image", premultiplyAlpha: "none", colorSpaceConversion: "none" };
  const bitmap = await createImageBitmap(file, options).catch(() => {
    throw new PictureError("undecodable");
  });
  const pixels = bitmap.width * bitmap.height;
  if (pixels > MAX_PIXELS) throw new PictureError("too_large");
  const scale = Math.min(1, Math.sqrt(MAX_CANVAS / pixels));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.floor(side * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

// Shrinks a picture of four channels until neither side is longer than `side`.
function shrink(pixels, side) {
  const scale = side / Math.max(pixels.width, pixels.height);
  if (scale >= 1) return pixels;
  const [width, height] = [pixels.width, pixels.height].map((length) => Math.max(1, round(length * scale)));
  return { width, height, data: new Uint8ClampedArray(resize(pixels, width, height, "area", 4).data) };
}

function channelOf({ width, height, data }, channel) {
  return map(newPlane(width, height), (_, index) => data[4 * index + channel], Uint8ClampedArray);
}

// Lays a picture with transparency on paper.
//
// If the opaque part is the smaller one, or of one colour, it is ink, and the paper is white or black, whichever gives
// more contrast. Otherwise the opaque part has its own paper, whose colour fills the transparent rest.
function layOnPaper(pixels) {
  if (isOpaque(pixels)) return pixels;
  const { data } = pixels;
  const places = list(data.length / 4, (place) => place);
  const opaque = places.filter((place) => data[4 * place + 3] > 255 * OPAQUE);
  const colours = [0, 1, 2].map((channel) => Uint8Array.from(opaque, (place) => data[4 * place + channel]));
  let paper = [255, 255, 255];
  if (opaque.length) {
    const isBright = mean(colours.map(mean)) > BRIGHT_INK;
    if (2 * opaque.length > places.length && !isOneColour(colours)) paper = colours.map(median);
    else if (isBright) paper = [0, 0, 0];
  }
  const laid = data.map((value, index) => {
    const opacity = data[index | 3] / 255;
    return Math.floor(value * opacity + paper[index & 3] * (1 - opacity) + 0.5);
  });
  return { width: pixels.width, height: pixels.height, data: laid };
}

function isGrey({ data }) {
  for (let index = 0; index < data.length; index += 4) {
    if (data[index] !== data[index + 1] || data[index] !== data[index + 2]) return false;
  }
  return true;
}

function isOpaque({ data }) {
  for (let index = 3; index < data.length; index += 4) if (data[index] < 255) return false;
  return true;
}

// Returns whether all but a few of the pixels have nearly the same colour.
function isOneColour(channels) {
  const medians = channels.map(median);
  const isNear = (_, place) => {
    return channels.every((values, channel) => Math.abs(values[place] - medians[channel]) < COLOUR_TOLERANCE);
  };
  return channels[0].filter(isNear).length > ONE_COLOUR * channels[0].length;
}

// Projects colours on the axis of the largest local differences.
function project(pixels) {
  const factor = Math.ceil(Math.max(pixels.width, pixels.height) / COLOUR_SIDE);
  const [width, height] = [pixels.width, pixels.height].map((side) => Math.ceil(side / factor));
  const small = { width, height, data: new Uint8ClampedArray(resize(pixels, width, height, "area", 4).data) };
  const local = [0, 1, 2].map((number) => {
    const channel = channelOf(small, number);
    const around = boxBlur(channel, COLOUR_NEIGHBOURHOOD, reflectAround).data;
    return around.map((value, index) => channel.data[index] - value);
  });
  const sizes = local[0].map((value, index) => Math.sqrt(value ** 2 + local[1][index] ** 2 + local[2][index] ** 2));
  const weights = sizes.map((size) => 1 / Math.sqrt(size + 1));
  const covariance = local.map((one) =>
    local.map((other) => mean(one.map((value, index) => value * other[index] * weights[index])) + COLOUR_PRIOR),
  );
  let axis = principalAxis(covariance);
  if (sum(axis) < 0) axis = axis.map((value) => -value);
  const scale = sum(axis.map(Math.abs));
  const offset = -255 * sum(axis.map((value) => Math.min(value / scale, 0)));
  const [red, green, blue] = axis.map((value) => value / scale);
  const { data } = pixels;
  const grey = (_, index) => red * data[4 * index] + green * data[4 * index + 1] + blue * data[4 * index + 2] + offset;
  return map(newPlane(pixels.width, pixels.height), grey, Uint8ClampedArray);
}

// Returns the eigenvector of the largest eigenvalue of a positive symmetric matrix: the rows of its powers approach it.
function principalAxis(matrix) {
  for (let squared = 0; squared < SQUARINGS; squared++) {
    const scale = maximum(matrix.flat().map(Math.abs));
    const scaled = matrix.map((row) => row.map((value) => value / scale));
    matrix = scaled.map((row) => scaled.map((other) => sum(row.map((value, index) => value * other[index]))));
  }
  const lengths = matrix.map((row) => Math.hypot(...row));
  return matrix[lengths.indexOf(maximum(lengths))];
}
