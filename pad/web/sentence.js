// What an answer says: the digit that is looked at, which digits are likely, and the sentence.

import { errorMessage, message } from "./messages.js";

const HESITANT = 0.8; // a digit less probable than this is shown with the next one
const LIKELY = 0.2; // digits at least this probable are emphasised

export const isPhoto = (answer) => answer.given?.file !== undefined;

// Whether an answer is that there is no digit, rather than a digit or an error.
export const isRefusal = (answer) => answer?.reason === "blank" || answer?.reason === "not a digit";

// Returns the digit of an answer that is selected, or the most digit-like of the marks that were rejected; null if there
// is neither.
export function markOf(answer, selected) {
  if (!answer?.frame) return null;
  return answer.digits[selected] ?? { digit: null, ...answer.rejected[0] };
}

// Returns the place of the least probable digit: the one to look at.
export function leastProbable(digits) {
  const probabilities = digits.map(({ probability }) => probability);
  return Math.max(0, probabilities.indexOf(Math.min(...probabilities)));
}

// Empty for a confident answer about all marks, which the number already shows.
export function sentence(answer) {
  if (!answer) return "";
  if (answer.code === "lost") return message(isPhoto(answer) ? "lost_photo" : "lost");
  if (answer.code) return errorMessage(answer);
  if (answer.reason === "blank") return message(isPhoto(answer) ? "blank_photo" : "blank");
  if (answer.reason === "not a digit") return message(isPhoto(answer) ? "rejected_photo" : "rejected");
  const ignored = answer.rejected.length ? message("ignored", { count: answer.rejected.length }) : "";
  return [doubt(answer.digits), ignored].filter(Boolean).join(" · ");
}

function doubt(digits) {
  const least = digits[leastProbable(digits)];
  if (least.probability >= HESITANT) return "";
  if (digits.length > 1) return message("uncertain", { digit: least.digit });
  const [digit, other] = byProbability(least.probabilities);
  return message("hesitant", { digit, other });
}

// Returns the digits, the most probable first.
export function byProbability(probabilities) {
  return [...probabilities.keys()].sort((one, other) => probabilities[other] - probabilities[one]);
}

export const isLikely = (probability) => probability >= LIKELY;

export const percentage = (probability) => `${Math.round(100 * probability)} %`;
