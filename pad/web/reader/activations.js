// What each convolution of a network makes of a frame, as a picture. The same as model/activations.py.

import { clamp, minimum, percentile, round } from "./numbers.js";
import { newPlane } from "./plane.js";

export const [BRIGHT_PERCENTILE, BORDER] = [99, 64];
export const TINY = 1e-9;

// Returns activations as one picture, a tile for each filter, row by row.
//
// All tiles have one scale, from the least activation of the layer to one that few exceed.
export function tiles({ filters, width, height, data }) {
  const columns = Math.ceil(Math.sqrt(filters));
  const rows = Math.ceil(filters / columns);
  const least = minimum(data);
  const scale = 255 / Math.max(percentile(data, BRIGHT_PERCENTILE) - least, TINY);
  const sheet = newPlane(columns * (width + 1) - 1, rows * (height + 1) - 1, Uint8ClampedArray);
  sheet.data.fill(BORDER);
  data.forEach((value, index) => {
    const [filter, place] = [index % filters, Math.floor(index / filters)];
    const x = (filter % columns) * (width + 1) + (place % width);
    const y = Math.floor(filter / columns) * (height + 1) + Math.floor(place / width);
    sheet.data[y * sheet.width + x] = round(clamp((value - least) * scale, 0, 255));
  });
  return sheet;
}
