// Resizes pictures as OpenCV's resize() does, by weighted sums of rows and columns.
//
// A picture is { width, height, data }, with its channels, if it has several, side by side.

import { clamp, list } from "./numbers.js";

const CUBIC = -0.75; // the parameter of OpenCV's cubic kernel

// For each place of the result, the first place of the original that counts, and the weights from there on.
const METHODS = {
  // The mean of what a place covers: to shrink.
  area(size, originalSize) {
    const scale = originalSize / size;
    return list(size, (place) => {
      const [start, end] = [place * scale, Math.min((place + 1) * scale, originalSize)];
      const first = Math.floor(start);
      const covered = (at) => Math.min(end, at + 1) - Math.max(start, at);
      return { first, weights: list(Math.ceil(end) - first, (offset) => covered(first + offset) / (end - start)) };
    });
  },
  linear: (size, originalSize) => sampled(size, originalSize, 0, (t) => [1 - t, t]),
  cubic: (size, originalSize) => sampled(size, originalSize, 1, cubicWeights),
};

const cubicWeights = (t) => [outer(1 + t), inner(t), inner(1 - t), outer(2 - t)];

// The cubic kernel up to a distance of 1, and from there up to 2.
const inner = (x) => ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
const outer = (x) => ((CUBIC * x - 5 * CUBIC) * x + 8 * CUBIC) * x - 4 * CUBIC;

// A place lies between two of the original; its weights begin `before` places before the first of them.
function sampled(size, originalSize, before, weightsAt) {
  return list(size, (place) => {
    const at = ((place + 0.5) * originalSize) / size - 0.5;
    return { first: Math.floor(at) - before, weights: weightsAt(at - Math.floor(at)) };
  });
}

// Returns a picture of Float32Array. The method is "area", "linear" or "cubic".
export function resize(picture, width, height, method, channels = 1) {
  if (width === picture.width && height === picture.height) {
    return { width, height, data: new Float32Array(picture.data) };
  }
  const rows = taps(METHODS[method](height, picture.height), picture.height);
  const columns = taps(METHODS[method](width, picture.width), picture.width);
  const stride = picture.width * channels;
  const line = new Float32Array(stride);
  const data = new Float32Array(width * height * channels);
  for (let row = 0, to = 0; row < height; row++) {
    line.fill(0);
    for (let tap = rows.starts[row]; tap < rows.starts[row + 1]; tap++) {
      const [weight, from] = [rows.weights[tap], rows.places[tap] * stride];
      for (let place = 0; place < stride; place++) line[place] += weight * picture.data[from + place];
    }
    for (let column = 0; column < width; column++) {
      const [start, stop] = [columns.starts[column], columns.starts[column + 1]];
      for (let channel = 0; channel < channels; channel++, to++) {
        let total = 0;
        for (let tap = start; tap < stop; tap++) {
          total += columns.weights[tap] * line[columns.places[tap] * channels + channel];
        }
        data[to] = total;
      }
    }
  }
  return { width, height, data };
}

// Returns the places and weights of kernels one after the other, and where each one's start. Beyond the edge, the values
// at the edge count.
function taps(kernels, size) {
  const starts = new Int32Array(kernels.length + 1);
  kernels.forEach(({ weights }, index) => (starts[index + 1] = starts[index] + weights.length));
  const places = kernels.flatMap(({ first, weights }) => weights.map((_, tap) => clamp(first + tap, 0, size - 1)));
  const weights = kernels.flatMap((kernel) => kernel.weights);
  return { starts, places: Int32Array.from(places), weights: Float64Array.from(weights) };
}
