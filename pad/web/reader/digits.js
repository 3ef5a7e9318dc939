// From an ink map to characters in reading order. The same as model/preparation/digits.py, which says how it works.

import { bestPath } from "./best_path.js";
import { SIDE } from "./frame.js";
import { INKED } from "./ink.js";
import { findLines } from "./lines.js";
import { argmax } from "./numbers.js";
import { outlines } from "./outlines.js";
import { cut, heightOf } from "./pieces.js";
import { boundingBox, map, newPlane } from "./plane.js";

// All that may be characters in an ink map. `owners` is the plane of the numbers of the pieces that pixels belong to.
export class Segmentation {
  #inkMap;
  #owners;

  constructor(inkMap, owners, lines) {
    this.#inkMap = inkMap;
    this.#owners = owners;
    this.lines = lines;
  }

  // Resolves to the most probable characters in reading order, as a network classifies them. A character is { digit,
  // probabilities, frame, line, box, outline }: digit is null for what is none, box and outline are in fractions of the
  // picture.
  async read(network) {
    const characters = [];
    for (const [number, line] of this.lines.entries()) {
      for (const { candidate, isDigit, frame, probabilities } of await bestPath(line, network)) {
        const { start, stop, box } = candidate;
        const digit = isDigit ? argmax(probabilities) : null;
        const outline = this.#outline(line.pieces.slice(start, stop));
        characters.push({ digit, probabilities, frame, line: number, box: this.#place(box), outline });
      }
    }
    return characters;
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
  return new Segmentation(inkMap, owners, findLines(inkMap, owners, pieces));
}

// Returns the segmentation of a picture that is a frame: it is one character.
export function segmentFrame(frame) {
  const box = boundingBox(frame, 0);
  const piece = { number: 1, box, mark: 1 };
  const line = { pieces: [piece], height: heightOf({ box }), candidates: [{ start: 0, stop: 1, box, makeFrame: () => frame }] };
  const inkMap = { ink: frame, contact: newPlane(SIDE, SIDE), box: [0, 0, 1, 1] };
  return new Segmentation(inkMap, map(frame, () => 1), [line]);
}
