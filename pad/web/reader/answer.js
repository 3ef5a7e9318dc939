// The answers to a picture and about a frame, in the form in which the server gives them. The same as
// model/classifier.py and pad/answers.py.

import { tiles } from "./activations.js";
import { segment, segmentFrame } from "./digits.js";
import { occlusion, saliencyMap } from "./explanation.js";
import { asFrame } from "./frame.js";
import { findInk } from "./ink.js";
import { DIGITS } from "./networks.js";
import { argmax, maximum, roundTo } from "./numbers.js";
import { loadGrey } from "./picture.js";
import { boundingBox, map } from "./plane.js";
import { decodeGrey, encode, encodeGrey } from "./png.js";

export const [BLANK, NOT_A_DIGIT, SEVERAL_DIGITS] = ["blank", "not a digit", "several digits"];
export const [PROBABILITY_DECIMALS, OUTLINE_DECIMALS] = [6, 4];
export const INKED = 0.5;

// Reads the digits in a picture, a file or an ImageData.
export async function read(picture, networks) {
  const grey = await loadGrey(picture);
  const frame = asFrame(grey);
  const segmentation = frame ? segmentFrame(frame) : segment(await findInk(grey, networks.ink));
  return answerTo(await segmentation.read(networks.digits));
}

async function answerTo(characters) {
  const digits = await Promise.all(characters.filter(({ digit }) => digit !== null).map(shown));
  const rejected = await Promise.all(characters.filter(({ digit }) => digit === null).map(shown));
  rejected.sort((one, other) => peak(other) - peak(one));
  const none = { probabilities: Array(DIGITS).fill(1 / DIGITS), frame: null };
  const { probabilities, frame } = digits[argmax(digits.map(peak))] ?? rejected[0] ?? none;
  return {
    number: numberOf(characters),
    digit: digits.length === 1 ? digits[0].digit : null,
    reason: reasonOf(digits, rejected),
    probabilities,
    digits,
    rejected,
    frame,
  };
}

const peak = ({ probabilities }) => maximum(probabilities);

// Returns why there is no single digit; null if there is one.
function reasonOf(digits, rejected) {
  if (digits.length) return digits.length > 1 ? SEVERAL_DIGITS : null;
  return rejected.length ? NOT_A_DIGIT : BLANK;
}

// Returns all digits in reading order, lines separated by line breaks.
function numberOf(characters) {
  const digits = characters.filter(({ digit }) => digit !== null);
  const isNewLine = ({ line }, place) => place > 0 && digits[place - 1].line !== line;
  return digits.map((each, place) => (isNewLine(each, place) ? "\n" : "") + each.digit).join("");
}

async function shown({ digit, probabilities, frame, box, outline }) {
  return {
    ...(digit !== null && { digit, probability: roundTo(probabilities[digit], PROBABILITY_DECIMALS) }),
    box: rounded(box),
    probabilities: rounded(probabilities),
    frame: await encodeFrame(frame),
    outline: outline.map((polygon) => polygon.map((point) => rounded(point, OUTLINE_DECIMALS))),
  };
}

const rounded = (numbers, decimals = PROBABILITY_DECIMALS) => numbers.map((number) => roundTo(number, decimals));

const encodeFrame = (frame) => encodeGrey(map(frame, (value) => 255 * value, Uint8ClampedArray));

const decodeFrame = async (url) => map(await decodeGrey(url), (value) => value / 255);

// Explains the most probable digit of a frame, a PNG as a data URL.
export async function why(url, networks) {
  const frame = await decodeFrame(url);
  const digit = argmax((await networks.digits(frame)).probabilities);
  const attribution = await occlusion(networks.digits, frame, digit);
  const ink = boundingBox(frame, INKED) ?? [0, 0, 0, 0];
  return { digit, map: await encode(saliencyMap(frame, attribution)), ink };
}

// Shows what each convolution of the network makes of a frame, a PNG as a data URL.
export async function inside(url, networks) {
  const layers = await networks.convolutions(await decodeFrame(url));
  return {
    layers: await Promise.all(
      layers.map(async (layer) => ({
        filters: layer.filters,
        side: layer.height,
        tiles: await encodeGrey(tiles(layer)),
      })),
    ),
  };
}
