// Distances to the nearest zero of a mask, as OpenCV's distanceTransform() approximates them: Borgefors (1986),
// "Distance transformations in digital images".

import { newPlane } from "./plane.js";

const FAR = 2 ** 30;
const UNIT = 2 ** 16; // distances are integers, so that equal ways are equal
const MARGIN = 2; // as far as a step leads

// The steps of the way to a pixel from those before it, [dx, dy, length], for masks of 3×3 and 5×5 pixels.
export const STEPS_3 = [
  [-1, -1, 1.3693],
  [0, -1, 0.955],
  [1, -1, 1.3693],
  [-1, 0, 0.955],
];
export const STEPS_5 = [
  [-1, -2, 2.1969],
  [1, -2, 2.1969],
  [-2, -1, 2.1969],
  [-1, -1, 1.4],
  [0, -1, 1],
  [1, -1, 1.4],
  [2, -1, 2.1969],
  [-1, 0, 1],
];

// Returns the distances, and for each pixel the index of its nearest zero.
export function distanceTransform({ width, height, data }, steps) {
  const stride = width + 2 * MARGIN;
  const ways = new Int32Array(stride * (height + 2 * MARGIN)).fill(FAR); // with a margin, so that no step leads outside
  const from = new Int32Array(ways.length);
  const offsets = Int32Array.from(steps, ([dx, dy]) => dy * stride + dx);
  const lengths = Int32Array.from(steps, ([, , length]) => Math.round(length * UNIT));

  function shorten(place, direction) {
    for (let step = 0; step < offsets.length; step++) {
      const before = place + direction * offsets[step];
      const way = ways[before] + lengths[step];
      if (way < ways[place]) {
        ways[place] = way;
        from[place] = from[before];
      }
    }
  }

  const first = MARGIN * stride + MARGIN;
  for (let y = 0, index = 0; y < height; y++) {
    for (let x = 0, place = first + y * stride; x < width; x++, index++, place++) {
      if (data[index]) {
        shorten(place, 1);
      } else {
        ways[place] = 0;
        from[place] = index;
      }
    }
  }
  const [distances, nearest] = [newPlane(width, height).data, newPlane(width, height, Int32Array).data];
  for (let y = height - 1, index = data.length - 1; y >= 0; y--) {
    for (let x = width - 1, place = first + y * stride + x; x >= 0; x--, index--, place--) {
      if (data[index]) shorten(place, -1);
      distances[index] = ways[place] / UNIT;
      nearest[index] = from[place];
    }
  }
  return { distances, nearest };
}
