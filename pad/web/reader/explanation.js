// Attribution: how much each part of the ink contributes to an answer. The same as model/explanation.py.

import { SIDE } from "./frame.js";
import { maximum, sum } from "./numbers.js";
import { map, newPlane } from "./plane.js";

export const [PATCH, STRIDE] = [5, 2];
export const [SUPPORTING, OPPOSING, NEUTRAL] = [[64, 156, 255], [255, 140, 26], 90];
export const GAMMA = 0.5;
export const TINY = 1e-9;

// Attributes a digit's log-odds to the ink of a frame.
//
// The method is occlusion (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks"): patches of
// ink are removed one at a time, and the change in the digit's log-odds is credited to the ink that was removed.
export async function occlusion(network, frame, digit) {
  const logOdds = async (seen) => {
    const { probabilities } = await network(seen);
    return Math.log(probabilities[digit]) - Math.log(sum(probabilities.filter((_, other) => other !== digit)));
  };
  const whole = await logOdds(frame);
  const [changes, covering] = [newPlane(SIDE, SIDE), newPlane(SIDE, SIDE)];
  for (let top = 1 - STRIDE; top < SIDE; top += STRIDE) {
    for (let left = 1 - STRIDE; left < SIDE; left += STRIDE) {
      const isInPatch = (index) => {
        const [x, y] = [index % SIDE, Math.floor(index / SIDE)];
        return x >= left && x < left + PATCH && y >= top && y < top + PATCH;
      };
      if (!frame.data.some((value, index) => value && isInPatch(index))) continue;
      const change = whole - (await logOdds(map(frame, (value, index) => (isInPatch(index) ? 0 : value))));
      frame.data.forEach((_, index) => {
        if (!isInPatch(index)) return;
        changes.data[index] += change;
        covering.data[index]++;
      });
    }
  }
  return map(frame, (value, index) => (value * changes.data[index]) / Math.max(covering.data[index], 1));
}

// Returns colours by attribution, red, green, blue and opacity: those of full ink, as opaque as the frame has ink.
export function saliencyMap(frame, attribution) {
  const scale = Math.max(maximum(attribution.data.map(Math.abs)), TINY);
  const data = new Uint8ClampedArray(4 * SIDE * SIDE);
  attribution.data.forEach((value, index) => {
    const strength = (Math.abs(value) / scale) ** GAMMA;
    const colour = value > 0 ? SUPPORTING : OPPOSING;
    const coloured = colour.map((channel) => NEUTRAL + strength * (channel - NEUTRAL));
    data.set([...coloured, 255 * frame.data[index]], 4 * index);
  });
  return { width: SIDE, height: SIDE, data };
}
