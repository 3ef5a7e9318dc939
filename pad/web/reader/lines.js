// Groups pieces of ink into lines, and finds what may be characters in each. The same as model/preparation/lines.py,
// which says what the constants are.
//
// A line is { pieces, contacts, height, candidates }, contacts being the probability that each piece is in contact with
// the next, if they touch, or else 1; a candidate for a character is { start, stop, box, makeFrame }: its pieces of the
// line, its box in pixels of the map, and a function, as most candidates are never classified.

import { makeFrame } from "./frame.js";
import { INKED } from "./ink.js";
import { clamp, maximum, mean } from "./numbers.js";
import { contactsOf, heightOf, typical, widthOf } from "./pieces.js";
import { above, crop, newPlane } from "./plane.js";
import { resize } from "./resize.js";

export const MAX_PIECES = 5;
export const [MAX_WIDTH, MAX_INNER_GAP] = [1.7, 0.2];
export const MIN_LINE_HEIGHT = 0.35;
export const [MIN_OVERLAP, MAX_GAP] = [0.45, 3.0];
export const [MAX_STACKED_HEIGHT, MAX_STACKED_GAP] = [0.5, 0.3];
export const MAX_BREAK = 0.08;
export const [BLANK, FULL] = [0.25, 0.75];
export const [ENLARGEMENT, EDGE] = [2, 2];

// Groups the pieces of an ink map into lines, from top to bottom. `owners` is the plane of the numbers of the pieces that
// pixels belong to.
export function findLines(inkMap, owners, pieces) {
  const isNear = dilated(above(inkMap.ink, INKED), EDGE);
  const ink = newPlane(owners.width, owners.height);
  for (let index = 0; index < ink.data.length; index++) {
    if (isNear.data[index]) ink.data[index] = clamp((inkMap.ink.data[index] - BLANK) / (FULL - BLANK), 0, 1);
  }
  const contactOf = contactsOf(inkMap, owners);
  const lines = grouped(pieces).map((line) => newLine(line, contactOf, owners, ink));
  const highest = maximum(lines.map(({ height }) => height));
  return lines.filter(({ height }) => height >= MIN_LINE_HEIGHT * highest);
}

// Returns the mask with all that is at most `reach` away in both directions.
function dilated(mask, reach) {
  const { width, height, data } = mask;
  const grown = newPlane(width, height);
  for (let index = 0; index < data.length; index++) {
    if (!data[index]) continue;
    const [x, y] = [index % width, Math.floor(index / width)];
    const [left, right] = [Math.max(x - reach, 0), Math.min(x + reach + 1, width)];
    for (let row = Math.max(y - reach, 0); row <= Math.min(y + reach, height - 1); row++) {
      grown.data.fill(1, row * width + left, row * width + right);
    }
  }
  return grown;
}

// Groups pieces into lines, from top to bottom.
function grouped(pieces) {
  const usual = pieces.length ? typical(pieces.map(heightOf)) : 0;
  let lines = [];
  for (const piece of pieces) {
    const isJoined = (line) => line.some((other) => inOneLine(piece, other, usual));
    const joined = lines.filter(isJoined);
    lines = [...lines.filter((line) => !joined.includes(line)), [piece, ...joined.flat()]];
  }
  return lines.toSorted((one, other) => middle(one) - middle(other));
}

const middle = (line) => mean(line.map(({ box: [, top, , bottom] }) => top + bottom));

function inOneLine(piece, other, usual) {
  const [left, top, right, bottom] = piece.box;
  const [otherLeft, otherTop, otherRight, otherBottom] = other.box;
  const overlap = Math.min(bottom, otherBottom) - Math.max(top, otherTop);
  const gap = Math.max(left, otherLeft) - Math.min(right, otherRight);
  const [low, high] = [heightOf(piece), heightOf(other)].sort((one, another) => one - another);
  const isBeside = overlap > MIN_OVERLAP * low && gap < MAX_GAP * high;
  const isSmall = low < MAX_STACKED_HEIGHT * usual;
  const isStacked = gap < 0 && -overlap < (isSmall ? MAX_STACKED_GAP : MAX_BREAK) * usual;
  return piece.mark === other.mark || isBeside || isStacked;
}

function newLine(unsorted, contactOf, owners, ink) {
  const pieces = unsorted.toSorted((one, other) => one.box[0] + one.box[2] - other.box[0] - other.box[2]);
  const contacts = pieces.slice(1).map((following, place) => contactOf(pieces[place], following));
  const height = typical(pieces.map(heightOf));
  const candidates = [];
  for (const [start, stop] of runs(pieces.length)) {
    const these = pieces.slice(start, stop);
    const box = boxAround(these);
    const isWide = widthOf({ box }) > MAX_WIDTH * Math.max(height, heightOf({ box }));
    if (these.length > 1 && (isWide || largestGap(these) > MAX_INNER_GAP * height)) continue;
    candidates.push({ start, stop, box, makeFrame: () => makeFrame(cutOut(these, box, owners, ink)) });
  }
  return { pieces, contacts, height, candidates };
}

// Returns the ink of pieces, enlarged.
function cutOut(pieces, [left, top, right, bottom], owners, ink) {
  const box = [
    Math.max(0, left - EDGE),
    Math.max(0, top - EDGE),
    Math.min(right + EDGE, ink.width),
    Math.min(bottom + EDGE, ink.height),
  ];
  const numbers = pieces.map(({ number }) => number);
  const [near, own] = [crop(owners, box), crop(ink, box)];
  for (let index = 0; index < own.data.length; index++) if (!numbers.includes(near.data[index])) own.data[index] = 0;
  const enlarged = resize(own, ENLARGEMENT * own.width, ENLARGEMENT * own.height, "cubic");
  for (let index = 0; index < enlarged.data.length; index++) enlarged.data[index] = clamp(enlarged.data[index], 0, 1);
  return enlarged;
}

// Yields start and stop of each run of at most MAX_PIECES pieces, and of all.
function* runs(count) {
  for (let start = 0; start < count; start++) {
    for (let stop = start + 1; stop <= Math.min(count, start + MAX_PIECES); stop++) yield [start, stop];
  }
  if (count > MAX_PIECES) yield [0, count];
}

function boxAround(pieces) {
  const [lefts, tops, rights, bottoms] = [0, 1, 2, 3].map((side) => pieces.map(({ box }) => box[side]));
  return [Math.min(...lefts), Math.min(...tops), Math.max(...rights), Math.max(...bottoms)];
}

// Returns the width of the widest blank column between pieces that are sorted by their centres.
function largestGap(pieces) {
  let [gap, reached] = [0, pieces[0].box[2]];
  for (const { box } of pieces.slice(1)) {
    gap = Math.max(gap, box[0] - reached);
    reached = Math.max(reached, box[2]);
  }
  return gap;
}
