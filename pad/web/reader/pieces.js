// Cuts the ink of a map into pieces: connected marks, and parts of them where characters may touch. The same as
// model/preparation/pieces.py, which says what the constants are.
//
// A piece is { number, box, mark }; boxes are in pixels of the map.

import { gaussianBlur } from "./blur.js";
import { connectedComponents } from "./components.js";
import { STEPS_5, distanceTransform } from "./distances.js";
import { INKED, MIN_AREA } from "./ink.js";
import { argmax, list, maximum, minimum, percentile, sum } from "./numbers.js";
import { above, boundingBox, crop, map, newPlane } from "./plane.js";

export const MIN_PEAK = 0.85;
export const IN_CONTACT = 0.5;
export const MAX_PARTS = 40;
export const [TYPICAL_PERCENTILE, MIN_TYPICAL] = [60, 0.4];
export const SLANTS = list(25, (place) => 0.075 * (place - 12)).toSorted(
  (one, other) => Math.abs(one) - Math.abs(other),
);
export const MAX_UNCUT_WIDTH = 0.8;
export const [MAX_CUT_INK, CUT_BLUR] = [0.45, 0.02];
export const [CUT_MARGIN, CUT_DISTANCE, CUT_SPACING] = [0.12, 0.18, 0.4];

export const heightOf = ({ box: [, top, , bottom] }) => bottom - top;
export const widthOf = ({ box: [left, , right] }) => right - left;

// Finds connected marks and cuts them into pieces: where characters may be in contact, and wide ones along the slant.
// Returns the pieces, and the plane of the number of the piece that each pixel belongs or is nearest to.
export function cut({ ink, contact }) {
  const inked = above(ink, INKED);
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
  const isWide = chosen.some((mark) => widthOf(mark) > MAX_UNCUT_WIDTH * usual);
  const slant = isWide ? slantOf(ink) : 0;
  for (const { label: part, box } of chosen) {
    const [left, top] = box;
    const own = map(crop(labels, box), (label) => label === part);
    const mark = crop(marks, box).data[own.data.indexOf(1)];
    for (const inside of split(map(crop(ink, box), (value, index) => value * own.data[index]), usual, slant)) {
      if (inside.data.filter(Boolean).length < MIN_AREA) continue;
      const number = pieces.length + 1;
      const { x, y } = placesOf(inside, Boolean);
      x.forEach((column, place) => (owners.data[(top + y[place]) * ink.width + left + column] = number));
      const [fromX, fromY, toX, toY] = boundingBox(inside, 0);
      pieces.push({ number, box: [left + fromX, top + fromY, left + toX, top + toY], mark });
    }
  }
  if (pieces.length === 1) {
    owners.data.fill(1);
    return { owners, pieces };
  }
  const { nearest } = distanceTransform(map(owners, (number) => number === 0), STEPS_5);
  return { owners: map(owners, (_, index) => owners.data[nearest[index]], Int32Array), pieces };
}

const borderOf = (one, other) => `${Math.min(one, other)} ${Math.max(one, other)}`;

// Returns a function of two pieces: the highest probability of contact along their border, or 1 if none of it is inked.
export function contactsOf({ ink, contact }, owners) {
  const { width, height } = ink;
  const highest = new Map();
  const isInked = (index) => ink.data[index] > INKED;
  const compare = (index, neighbour) => {
    const [one, other] = [owners.data[index], owners.data[neighbour]];
    if (one === other || !isInked(index) || !isInked(neighbour)) return;
    const border = borderOf(one, other);
    highest.set(border, Math.max(contact.data[index], contact.data[neighbour], highest.get(border) ?? 0));
  };
  for (let index = 0; index < ink.data.length; index++) {
    if ((index + 1) % width) compare(index, index + 1);
    if (index + width < width * height) compare(index, index + width);
  }
  return (piece, other) => highest.get(borderOf(piece.number, other.number)) ?? 1;
}

// Returns the places of all values that are inside: their x and y, and their indices.
function placesOf({ width, data }, isInside) {
  const inside = [];
  for (let index = 0; index < data.length; index++) if (isInside(data[index])) inside.push(index);
  const indices = Int32Array.from(inside);
  return { indices, x: indices.map((index) => index % width), y: indices.map((index) => Math.floor(index / width)) };
}

// Returns the slant of the writing in a map: once it is removed, the ink is in the fewest columns.
function slantOf(ink) {
  const places = placesOf(ink, (value) => value > INKED);
  const ones = new Uint8Array(places.indices.length).fill(1);
  return SLANTS[argmax(SLANTS.map((slant) => sum(sums(ones, upright(places, slant)).map((count) => count ** 2))))];
}

// Returns the columns, from 0 on, of places once the slant is removed.
function upright({ x, y }, slant) {
  const columns = x.map((column, index) => Math.floor(column + slant * y[index] + 0.5));
  const least = minimum(columns);
  return columns.map((column) => column - least);
}

// Returns the sum of the values in each column.
function sums(values, columns) {
  const totals = new Float64Array(maximum(columns) + 1);
  for (let index = 0; index < values.length; index++) totals[columns[index]] += values[index];
  return totals;
}

// Returns the pieces of a mark from left to right, planes of 0 and 1.
function split(ink, lineHeight, slant) {
  const places = placesOf(ink, Boolean);
  const columns = upright(places, slant);
  const inks = Float32Array.from(places.indices, (index) => ink.data[index]);
  const cuts = cutsOf(Float32Array.from(sums(inks, columns)), lineHeight);
  const pieces = Array.from({ length: cuts.length + 1 }, () => newPlane(ink.width, ink.height, Uint8Array));
  places.indices.forEach((index, place) => {
    pieces[cuts.filter((column) => column <= columns[place]).length].data[index] = 1;
  });
  return pieces;
}

// Returns the columns at which a mark is cut: those with least ink, of its sum in each column.
function cutsOf(inks, lineHeight) {
  const width = inks.length;
  const margin = Math.max(3, Math.floor(CUT_MARGIN * lineHeight));
  if (width < MAX_UNCUT_WIDTH * lineHeight || width <= 2 * margin) return [];
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
