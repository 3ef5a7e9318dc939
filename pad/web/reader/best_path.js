// Finds the most probable characters of a line by dynamic programming over its pieces. The same as
// model/preparation/best_path.py, which says what the method and the constants are.

import { maximum } from "./numbers.js";
import { heightOf, widthOf } from "./pieces.js";

export const [MAX_SEPARATOR_HEIGHT, MAX_SEPARATOR_AREA] = [0.5, 0.2];
export const SEPARATOR_DIGIT = 1;
export const [OTHER_COST, SEPARATOR_COST, OMISSION_COST] = [2.5, 0.3, 9.0];
export const MIXTURE_COST = 3.0;
export const [OVERLAP_COST, MAX_OVERLAP] = [0.9, 0.5];
export const [LOW_COST, LOWEST] = [3.0, 0.75];
export const [WIDE_COST, WIDEST] = [2.0, 0.9];
export const [CONTACT_WEIGHT, MIN_CONTACT] = [0.7, 0.01];
export const NOT_DIGIT_BIAS = 4.0;
export const MIN_PROBABILITY = 1e-5;

// What a character may be.
const DIGIT_OR_NOT = [true, false];

// Finds the most probable characters of a line by dynamic programming over its pieces. Returns for each, from left to
// right, the index of its candidate and whether it is a digit.
export function bestPath(line, unbiased) {
  const { pieces, candidates } = line;
  const predictions = unbiased.map(biased);
  const omissionCosts = omissionCostsOf(line, predictions);
  const costs = candidates.map((candidate, index) => characterCosts(line, candidate, predictions[index]));
  // The least cost of the pieces so far, and the last step of that way, where the last character is a digit or not.
  const ends = [new Map(DIGIT_OR_NOT.map((isDigit) => [isDigit, { cost: 0 }]))];
  for (let stop = 1; stop <= pieces.length; stop++) {
    const omitted = omissionCosts[stop - 1];
    const best = new Map();
    for (const isDigit of DIGIT_OR_NOT) {
      best.set(isDigit, { cost: ends[stop - 1].get(isDigit).cost + omitted, from: stop - 1, previous: isDigit });
    }
    candidates.forEach((candidate, index) => {
      if (candidate.stop !== stop) return;
      const from = candidate.start;
      const between = from ? separationCost(line, from) : 0;
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

// Adds NOT_DIGIT_BIAS to the log-odds of a prediction's notDigit.
function biased({ probabilities, notDigit }) {
  const odds = (notDigit / Math.max(1 - notDigit, MIN_PROBABILITY)) * Math.exp(NOT_DIGIT_BIAS);
  return { probabilities, notDigit: odds / (1 + odds) };
}

// Returns the costs of a candidate being a digit (true) and another character (false).
function characterCosts(line, candidate, { probabilities, notDigit }) {
  const digitCost = -Math.log(Math.max(maximum(probabilities) * (1 - notDigit), MIN_PROBABILITY));
  const height = heightOf(candidate) / line.height;
  const width = widthOf(candidate) / Math.max(line.height, heightOf(candidate));
  const otherCost = -Math.log(Math.max(notDigit, MIN_PROBABILITY)) + OTHER_COST;
  const wide = WIDE_COST * Math.max(0, width - WIDEST);
  return new Map([
    [true, digitCost + wide + LOW_COST * Math.max(0, LOWEST - height)],
    [false, otherCost + wide],
  ]);
}

// Returns for each piece of a line the cost of its being no character, nor a part of one.
function omissionCostsOf({ pieces, candidates, height }, predictions) {
  const costs = pieces.map(() => OMISSION_COST);
  candidates.forEach(({ start, stop }, index) => {
    if (stop > start + 1 || pieces.length === 1 || !mayBeSeparator(pieces[start], height)) return;
    const { probabilities, notDigit } = predictions[index];
    const separator = notDigit + (1 - notDigit) * probabilities[SEPARATOR_DIGIT];
    costs[start] = SEPARATOR_COST - Math.log(Math.max(separator, MIN_PROBABILITY));
  });
  return costs;
}

function mayBeSeparator(piece, lineHeight) {
  const [height, width] = [heightOf(piece) / lineHeight, widthOf(piece) / lineHeight];
  return height < MAX_SEPARATOR_HEIGHT && height * width < MAX_SEPARATOR_AREA;
}

// Returns the cost of a piece being of another character than the one before it.
function separationCost({ pieces, contacts }, start) {
  const [piece, following] = pieces.slice(start - 1, start + 1);
  const cost = -CONTACT_WEIGHT * Math.log(Math.max(contacts[start - 1], MIN_CONTACT));
  const overlap = Math.min(piece.box[2], following.box[2]) - Math.max(piece.box[0], following.box[0]);
  return overlap > MAX_OVERLAP * Math.min(widthOf(piece), widthOf(following)) ? cost + OVERLAP_COST : cost;
}
