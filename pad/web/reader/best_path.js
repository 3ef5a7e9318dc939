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

// Finds the most probable characters of a line by dynamic programming over its pieces. A network resolves to the
// prediction of a frame, { probabilities, notDigit }: of the digits, given that it shows one, and that it shows none.
// Resolves to the characters from left to right, { candidate, isDigit, frame, probabilities }.
//
// Candidates are classified only if they are on the best path that there would be if all that are not yet classified
// were certain.
export async function bestPath(line, network) {
  const { pieces, candidates } = line;
  const costs = candidates.map((candidate) => leastCharacterCosts(line, candidate));
  const separators = new Map();
  candidates.forEach((candidate, index) => {
    if (mayBeSeparator(line, candidate)) separators.set(candidate.start, index);
  });
  const omissionCosts = pieces.map((_, start) => (separators.has(start) ? SEPARATOR_COST : OMISSION_COST));
  const classified = new Map();

  async function classify(index) {
    const { start, makeFrame } = candidates[index];
    const frame = makeFrame();
    const prediction = await network(frame);
    const { probabilities } = prediction;
    const notDigit = biased(prediction.notDigit);
    classified.set(index, { candidate: candidates[index], frame, probabilities });
    costs[index].digit += costOf(maximum(probabilities) * (1 - notDigit));
    costs[index].other += costOf(notDigit);
    if (separators.get(start) !== index) return;
    omissionCosts[start] += costOf(notDigit + (1 - notDigit) * probabilities[SEPARATOR_DIGIT]);
  }

  let path, unknown;
  do {
    path = cheapestPath(line, costs, omissionCosts);
    const onPath = path.map(({ from, index }) => index ?? separators.get(from));
    unknown = onPath.filter((index) => index !== undefined && !classified.has(index));
    for (const index of unknown) await classify(index);
  } while (unknown.length);
  const characters = path.filter(({ index }) => index !== undefined);
  return characters.map(({ index, isDigit }) => ({ ...classified.get(index), isDigit }));
}

// Returns the steps of the cheapest path through the pieces of a line, { from, index, isDigit }: the first piece, the
// candidate's index, undefined if the piece is left out, and whether the last character is a digit. The costs are of each
// candidate being a digit and another character, and of each piece being no character, nor a part of one.
function cheapestPath(line, costs, omissionCosts) {
  const { pieces, candidates } = line;
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
          const character = isDigit ? costs[index].digit : costs[index].other;
          const cost = ends[from].get(previous).cost + between + mixture + character;
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
    path.unshift({ from, index, isDigit });
    [at, isDigit] = [from, previous];
  }
  return path;
}

// Adds NOT_DIGIT_BIAS to the log-odds of a probability.
function biased(notDigit) {
  const odds = (notDigit / Math.max(1 - notDigit, MIN_PROBABILITY)) * Math.exp(NOT_DIGIT_BIAS);
  return odds / (1 + odds);
}

const costOf = (probability) => -Math.log(Math.max(probability, MIN_PROBABILITY));

// Returns the costs of a candidate being certainly a digit and certainly another character.
function leastCharacterCosts(line, candidate) {
  const height = heightOf(candidate) / line.height;
  const width = widthOf(candidate) / Math.max(line.height, heightOf(candidate));
  const wide = WIDE_COST * Math.max(0, width - WIDEST);
  return { digit: wide + LOW_COST * Math.max(0, LOWEST - height), other: wide + OTHER_COST };
}

function mayBeSeparator(line, candidate) {
  const [height, width] = [heightOf(candidate) / line.height, widthOf(candidate) / line.height];
  const isSmall = height < MAX_SEPARATOR_HEIGHT && height * width < MAX_SEPARATOR_AREA;
  return isSmall && candidate.stop === candidate.start + 1 && line.pieces.length > 1;
}

// Returns the cost of a piece being of another character than the one before it.
function separationCost({ pieces, contacts }, start) {
  const [piece, following] = pieces.slice(start - 1, start + 1);
  const cost = -CONTACT_WEIGHT * Math.log(Math.max(contacts[start - 1], MIN_CONTACT));
  const overlap = Math.min(piece.box[2], following.box[2]) - Math.max(piece.box[0], following.box[0]);
  return overlap > MAX_OVERLAP * Math.min(widthOf(piece), widthOf(following)) ? cost + OVERLAP_COST : cost;
}
