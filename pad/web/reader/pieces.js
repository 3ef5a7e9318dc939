// Cuts the ink of a map into pieces: connected marks, and parts of them where characters may touch. The same as
// model/preparation/pieces.py, which says what the constants are.
//
// A piece is { number, box, area, mark, part }; boxes are in pixels of the map.

import { gaussianBlur } from "./blur.js";
import { connectedComponents } from "./components.js";
import { STEPS_5, distanceTransform } from "./distances.js";
import { INKED, MIN_AREA } from "./ink.js";
import { maximum, percentile } from "./numbers.js";
import { boundingBox, crop, map, newPlane } from "./plane.js";

export const MIN_PEAK = 0.85;
export const IN_CONTACT = 0.5;
export const MAX_PARTS = 40;
export const [TYPICAL_PERCENTILE, MIN_TYPICAL] = [60, 0.4];
export const MAX_UNCUT_WIDTH = 0.8;
export const [MAX_CUT_INK, CUT_BLUR] = [0.45, 0.02];
export const [CUT_MARGIN, CUT_DISTANCE, CUT_SPACING] = [0.12, 0.18, 0.3];

export const heightOf = ({ box: [, top, , bottom] }) => bottom - top;
export const widthOf = ({ box: [left, , right] }) => right - left;

// Finds connected marks and cuts them into pieces: where characters may be in contact, and wide ones by columns.
// Returns the pieces, and the plane of the number of the piece that each pixel belongs or is nearest to.
export function cut({ ink, contact }) {
  const inked = map(ink, (value) => value > INKED);
  const marks = connectedComponents(inked).labels;
  const apart = map(inked, (value, index) => value && contact.data[index] <= IN_CONTACT);
  const { labels, components } = connectedComponents(apart);
  const peaks = new Float32Array(components.length + 1);
  labels.data.forEach((label, index) => (peaks[label] = Math.max(peaks[label], ink.data[index])));
  const chosen = components
    .filter(({ label, area }) => area >= MIN_AREA && peaks[label] > MIN_PEAK)
    .toSorted((one, other) => other.area - one.area)
    .slice(0, MAX_PARTS);
  const owners = newPlane(ink.width, ink.height, Int32Array);
  const pieces = [];
  if (!chosen.length) return { owners, pieces };
  const usual = typical(chosen.map(heightOf));
  for (const { label: part, box } of chosen) {
    const [left, top, right, bottom] = box;
    const own = map(crop(labels, box), (label) => label === part);
    const mark = crop(marks, box).data[own.data.indexOf(1)];
    const cuts = cutsOf(map(crop(ink, box), (value, index) => value * own.data[index]), usual);
    const edges = [0, ...cuts, right - left];
    for (let place = 1; place < edges.length; place++) {
      const inside = crop(own, [edges[place - 1], 0, edges[place], bottom - top]);
      const area = inside.data.filter(Boolean).length;
      if (area < MIN_AREA) continue;
      const number = pieces.length + 1;
      const x = left + edges[place - 1];
      inside.data.forEach((value, index) => {
        const [column, row] = [x + (index % inside.width), top + Math.floor(index / inside.width)];
        if (value) owners.data[row * ink.width + column] = number;
      });
      const [fromX, fromY, toX, toY] = boundingBox(inside, Boolean);
      pieces.push({ number, box: [x + fromX, top + fromY, x + toX, top + toY], area, mark, part });
    }
  }
  const { nearest } = distanceTransform(map(owners, (number) => number === 0), STEPS_5);
  return { owners: map(owners, (_, index) => owners.data[nearest[index]], Int32Array), pieces };
}

// Returns the columns at which a mark is cut: those with least ink.
function cutsOf({ width, data }, lineHeight) {
  const margin = Math.max(3, Math.floor(CUT_MARGIN * lineHeight));
  if (width < MAX_UNCUT_WIDTH * lineHeight || width <= 2 * margin) return [];
  const inks = new Float32Array(width);
  data.forEach((value, index) => (inks[index % width] += value));
  const columns = gaussianBlur(inks, Math.max(0.7, CUT_BLUR * lineHeight));
  const most = Math.max(1, Math.floor(width / (CUT_SPACING * lineHeight)));
  const cuts = [];
  const places = [...columns.keys()].slice(margin, width - margin).sort((one, other) => columns[one] - columns[other]);
  for (const column of places) {
    if (columns[column] > MAX_CUT_INK * lineHeight || cuts.length >= most) break;
    if (cuts.every((other) => Math.abs(column - other) >= CUT_DISTANCE * lineHeight)) cuts.push(column);
  }
  return cuts.sort((one, other) => one - other);
}

export function typical(heights) {
  const least = MIN_TYPICAL * maximum(heights);
  return percentile(heights.filter((height) => height > least), TYPICAL_PERCENTILE);
}
