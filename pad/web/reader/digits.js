// From an ink map to characters in reading order: recognition-based segmentation. The same as
// model/preparation/digits.py, which says how it works and what the constants are.
//
// A piece of ink is { number, box, area, mark, part }, a candidate for a character { start, stop, box, frame }, and a
// line { pieces, height, candidates }. Boxes are in pixels of the map.

import { gaussianBlur } from "./blur.js";
import { connectedComponents } from "./components.js";
import { STEPS_5, distanceTransform } from "./distances.js";
import { SIDE, makeFrame } from "./frame.js";
import { INKED, MIN_AREA } from "./ink.js";
import { argmax, clamp, maximum, mean, percentile } from "./numbers.js";
import { outlines } from "./outlines.js";
import { boundingBox, crop, map, newPlane } from "./plane.js";
import { resize } from "./resize.js";

export const MIN_PEAK = 0.85;
export const IN_CONTACT = 0.5;
export const MAX_PARTS = 40;
export const MAX_PIECES = 5;

export const [TYPICAL_PERCENTILE, MIN_TYPICAL] = [60, 0.4];
export const MAX_UNCUT_WIDTH = 0.8;
export const [MAX_CUT_INK, CUT_BLUR] = [0.45, 0.02];
export const [CUT_MARGIN, CUT_DISTANCE, CUT_SPACING] = [0.12, 0.18, 0.3];
export const [MAX_WIDTH, MAX_INNER_GAP] = [1.7, 0.2];
export const [MAX_SEPARATOR_HEIGHT, MAX_SEPARATOR_AREA] = [0.35, 0.12];

export const MIN_LINE_HEIGHT = 0.35;
export const [MIN_OVERLAP, MAX_GAP] = [0.45, 3.0];
export const [MAX_STACKED_HEIGHT, MAX_STACKED_GAP] = [0.5, 0.3];
export const MAX_BREAK = 0.08;

export const [OTHER_COST, SEPARATOR_COST, OMISSION_COST] = [2.5, 0.3, 9.0];
export const MIXTURE_COST = 2.0;
export const [CUT_COST, CONTACT_COST] = [1.5, 0.8];
export const [OVERLAP_COST, MAX_OVERLAP] = [0.9, 0.5];
export const [LOW_COST, LOWEST] = [3.0, 0.75];
export const [WIDE_COST, WIDEST] = [2.0, 0.9];
export const NOT_DIGIT_BIAS = 3.0;
export const MIN_PROBABILITY = 1e-5;

export const [BLANK, FULL] = [0.25, 0.75];
export const [ENLARGEMENT, EDGE] = [2, 2];
export const MIN_INK = 0.3;

// What a character may be.
const DIGIT_OR_NOT = [true, false];

const heightOf = ({ box: [, top, , bottom] }) => bottom - top;
const widthOf = ({ box: [left, , right] }) => right - left;

// All that may be characters in an ink map. `owners` is the plane of the numbers of the pieces that pixels belong to.
export class Segmentation {
  #inkMap;
  #owners;

  constructor(inkMap, owners, lines) {
    this.#inkMap = inkMap;
    this.#owners = owners;
    this.lines = lines;
  }

  // The frames of all candidates.
  get frames() {
    return this.lines.flatMap(({ candidates }) => candidates.map(({ frame }) => frame));
  }

  // Returns the most probable characters in reading order. A prediction, of each frame, is { probabilities, notDigit }:
  // of the digits, given that it shows one, and that it shows none. A character is { digit, probabilities, frame, line,
  // box, outline }: digit is null for what is none, box and outline are in fractions of the picture.
  read(predictions) {
    let at = 0;
    return this.lines.flatMap((line, number) => {
      const these = predictions.slice(at, (at += line.candidates.length));
      return bestPath(line, these).map(({ index, isDigit }) => {
        const { probabilities } = these[index];
        const { start, stop, box, frame } = line.candidates[index];
        const digit = isDigit ? argmax(probabilities) : null;
        const outline = this.#outline(line.pieces.slice(start, stop));
        return { digit, probabilities, frame, line: number, box: this.#place(box), outline };
      });
    });
  }

  #place([left, top, right, bottom]) {
    return [...this.#inPicture([left, top]), ...this.#inPicture([right, bottom])];
  }

  // Converts a point in pixels of the map to fractions of the picture.
  #inPicture([x, y]) {
    const [left, top, right, bottom] = this.#inkMap.box;
    return [left + (x * (right - left)) / this.#owners.width, top + (y * (bottom - top)) / this.#owners.height];
  }

  #outline(pieces) {
    const numbers = new Set(pieces.map(({ number }) => number));
    const { data } = this.#inkMap.ink;
    const inside = map(this.#owners, (owner, index) => numbers.has(owner) && data[index] > INKED);
    return outlines(inside).map((polygon) => polygon.map((point) => this.#inPicture(point)));
  }
}

// Finds all that may be characters in an ink map.
export function segment(inkMap) {
  const { owners, pieces } = cut(inkMap);
  const isNear = dilated(map(inkMap.ink, (value) => value > INKED), EDGE);
  const ink = map(inkMap.ink, (value, index) => {
    return isNear.data[index] ? clamp((value - BLANK) / (FULL - BLANK), 0, 1) : 0;
  });
  const lines = linesOf(pieces).map((line) => newLine(line, owners, ink));
  const highest = maximum(lines.map(({ height }) => height));
  return new Segmentation(inkMap, owners, lines.filter(({ height }) => height >= MIN_LINE_HEIGHT * highest));
}

// Returns the segmentation of a picture that is a frame: it is one character.
export function segmentFrame(frame) {
  const box = boundingBox(frame, (value) => value > 0);
  const piece = { number: 1, box, area: widthOf({ box }) * heightOf({ box }), mark: 1, part: 1 };
  const line = { pieces: [piece], height: heightOf({ box }), candidates: [{ start: 0, stop: 1, box, frame }] };
  const inkMap = { ink: frame, contact: newPlane(SIDE, SIDE), box: [0, 0, 1, 1] };
  return new Segmentation(inkMap, map(frame, () => 1), [line]);
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

function newLine(unsorted, owners, ink) {
  const pieces = unsorted.toSorted((one, other) => one.box[0] + one.box[2] - other.box[0] - other.box[2]);
  const height = typical(pieces.map(heightOf));
  const candidates = [];
  for (const [start, stop] of runs(pieces.length)) {
    const these = pieces.slice(start, stop);
    const box = boxAround(these);
    const isWide = widthOf({ box }) > MAX_WIDTH * Math.max(height, heightOf({ box }));
    if (these.length > 1 && (isWide || largestGap(these) > MAX_INNER_GAP * height)) continue;
    const own = cutOut(these, box, owners, ink);
    if (maximum(own.data) >= MIN_INK) candidates.push({ start, stop, box, frame: makeFrame(own) });
  }
  return { pieces, height, candidates };
}

// Returns the ink of pieces, enlarged.
function cutOut(pieces, [left, top, right, bottom], owners, ink) {
  const box = [
    Math.max(0, left - EDGE),
    Math.max(0, top - EDGE),
    Math.min(right + EDGE, ink.width),
    Math.min(bottom + EDGE, ink.height),
  ];
  const numbers = new Set(pieces.map(({ number }) => number));
  const near = crop(owners, box);
  const own = map(crop(ink, box), (value, index) => (numbers.has(near.data[index]) ? value : 0));
  const enlarged = resize(own, ENLARGEMENT * own.width, ENLARGEMENT * own.height, "cubic");
  return map(enlarged, (value) => clamp(value, 0, 1));
}

// Finds the most probable characters of a line by dynamic programming over its pieces. Returns for each, from left to
// right, the index of its candidate and whether it is a digit.
export function bestPath(line, predictions) {
  const { pieces, candidates } = line;
  const costs = candidates.map((candidate, index) => characterCosts(line, candidate, predictions[index]));
  // The least cost of the pieces so far, and the last step of that way, where the last character is a digit or not.
  const ends = [new Map(DIGIT_OR_NOT.map((isDigit) => [isDigit, { cost: 0 }]))];
  for (let stop = 1; stop <= pieces.length; stop++) {
    const omitted = omissionCost(pieces[stop - 1], line);
    const best = new Map();
    for (const isDigit of DIGIT_OR_NOT) {
      best.set(isDigit, { cost: ends[stop - 1].get(isDigit).cost + omitted, from: stop - 1, previous: isDigit });
    }
    candidates.forEach((candidate, index) => {
      if (candidate.stop !== stop) return;
      const from = candidate.start;
      const between = from ? separationCost(pieces[from - 1], pieces[from]) : 0;
      for (const isDigit of DIGIT_OR_NOT) {
        for (const previous of DIGIT_OR_NOT) {
          const mixture = isDigit === previous ? 0 : MIXTURE_COST;
          const cost = ends[from].get(previous).cost + between + mixture + costs[index].get(isDigit);
          if (cost < best.get(isDigit).cost) best.set(isDigit, { cost, from, previous, index });
        }
      }
    });
    ends.push(best);
  }
  const path = [];
  let at = pieces.length;
  let isDigit = ends[at].get(true).cost <= ends[at].get(false).cost;
  while (at) {
    const { from, previous, index } = ends[at].get(isDigit);
    if (index !== undefined) path.unshift({ index, isDigit });
    [at, isDigit] = [from, previous];
  }
  return path;
}

// Returns the costs of a candidate being a digit (true) and another character (false).
function characterCosts(line, candidate, prediction) {
  const odds = (prediction.notDigit / Math.max(1 - prediction.notDigit, MIN_PROBABILITY)) * Math.exp(NOT_DIGIT_BIAS);
  const notDigit = odds / (1 + odds);
  const digitCost = -Math.log(Math.max(maximum(prediction.probabilities) * (1 - notDigit), MIN_PROBABILITY));
  const height = heightOf(candidate) / line.height;
  const width = widthOf(candidate) / Math.max(line.height, heightOf(candidate));
  const misshapen = LOW_COST * Math.max(0, LOWEST - height) + WIDE_COST * Math.max(0, width - WIDEST);
  return new Map([
    [true, digitCost + misshapen],
    [false, -Math.log(Math.max(notDigit, MIN_PROBABILITY)) + OTHER_COST],
  ]);
}

// Returns the cost of a piece being no character, nor a part of one.
function omissionCost(piece, { pieces, height }) {
  const isLow = heightOf(piece) < MAX_SEPARATOR_HEIGHT * height;
  const isSmall = piece.area < MAX_SEPARATOR_AREA * height ** 2;
  return isLow && isSmall && pieces.length > 1 ? SEPARATOR_COST : OMISSION_COST;
}

// Finds connected marks and cuts them into pieces: where characters may be in contact, and wide ones by columns.
// Returns the pieces, and the plane of the number of the piece that each pixel belongs or is nearest to.
function cut({ ink, contact }) {
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

// Groups pieces into lines, from top to bottom.
function linesOf(pieces) {
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

// Returns the cost of two neighbouring pieces being of different characters.
function separationCost(piece, following) {
  let cost = 0;
  if (piece.part === following.part) cost += CUT_COST;
  else if (piece.mark === following.mark) cost += CONTACT_COST;
  const overlap = Math.min(piece.box[2], following.box[2]) - Math.max(piece.box[0], following.box[0]);
  if (overlap > MAX_OVERLAP * Math.min(widthOf(piece), widthOf(following))) cost += OVERLAP_COST;
  return cost;
}

// Yields start and stop of each run of at most MAX_PIECES pieces, and of all.
function* runs(count) {
  for (let start = 0; start < count; start++) {
    for (let stop = start + 1; stop <= Math.min(count, start + MAX_PIECES); stop++) yield [start, stop];
  }
  if (count > MAX_PIECES) yield [0, count];
}

function typical(heights) {
  const least = MIN_TYPICAL * maximum(heights);
  return percentile(heights.filter((height) => height > least), TYPICAL_PERCENTILE);
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
