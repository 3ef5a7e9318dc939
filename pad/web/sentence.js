// The sentence beside an answer's digit or number.

import { errorMessage, message } from "./messages.js";

const HESITANT = 0.8; // a digit less probable than this is shown with the next one, and named in a number

export const isNumber = (answer) => answer?.reason === "several digits";

// Empty for a confident answer, which the large digit already shows.
export function sentence(answer) {
  if (!answer) return message("prompt");
  if (answer.code) return errorMessage(answer);
  if (answer.reason === "blank") return message("blank");
  if (answer.reason === "not a digit") return message("not_a_digit");
  if (isNumber(answer)) {
    const [least] = [...answer.digits].sort((one, other) => one.probability - other.probability);
    return least.probability < HESITANT ? message("uncertain", { digit: least.digit }) : "";
  }
  const [digit, other] = byProbability(answer.probabilities);
  return answer.probabilities[digit] < HESITANT ? message("hesitant", { digit, other }) : "";
}

// Returns the digits, the most probable first.
export function byProbability(probabilities) {
  return [...probabilities.keys()].sort((one, other) => probabilities[other] - probabilities[one]);
}
