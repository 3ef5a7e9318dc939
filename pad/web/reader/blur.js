// Blurs planes as OpenCV's blur() and GaussianBlur() do.

import { list, sum } from "./numbers.js";
import { newPlane } from "./plane.js";

// What lies beyond the edge, by the index of what is there instead: …cba|abc… and …cb|abc….
export function reflect(index, size) {
  while (index < 0 || index >= size) index = index < 0 ? -index - 1 : 2 * size - index - 1;
  return index;
}

export function reflectAround(index, size) {
  if (size === 1) return 0;
  while (index < 0 || index >= size) index = index < 0 ? -index : 2 * size - index - 2;
  return index;
}

// Returns the mean in a square around each place. The side is odd.
export function boxBlur({ width, height, data }, side, beyond) {
  const [across, blurred] = [newPlane(width, height), newPlane(width, height)];
  const line = new Float32Array(Math.max(width, height) + side);
  for (let y = 0; y < height; y++) average(data, across.data, y * width, 1, width);
  for (let x = 0; x < width; x++) average(across.data, blurred.data, x, width, height);
  return blurred;

  // Averages one row or column: `length` values from `start` on, `step` apart.
  function average(from, to, start, step, length) {
    const reach = (side - 1) / 2;
    for (let index = 0, at = start; index < length; index++, at += step) line[reach + index] = from[at];
    for (let index = 1; index <= reach; index++) {
      line[reach - index] = from[start + step * beyond(-index, length)];
      line[reach + length + index - 1] = from[start + step * beyond(length + index - 1, length)];
    }
    let total = 0;
    for (let place = 0; place < side - 1; place++) total += line[place];
    for (let index = 0, at = start; index < length; index++, at += step) {
      total += line[index + side - 1];
      to[at] = total / side;
      total -= line[index];
    }
  }
}

// Blurs one row of numbers.
export function gaussianBlur(row, deviation) {
  const reach = Math.round(8 * deviation + 1) >> 1; // as far as OpenCV's for floats
  const weights = list(2 * reach + 1, (place) => Math.exp(-((place - reach) ** 2) / (2 * deviation ** 2)));
  const total = sum(weights);
  return list(row.length, (index) => {
    const weighted = weights.map((weight, place) => weight * row[reflectAround(index + place - reach, row.length)]);
    return sum(weighted) / total;
  });
}
