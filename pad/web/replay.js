// Draws a drawing once more, stroke by stroke.

const SPEED = 1.6; // sides of the pad in a second
const [MIN_MS, MAX_MS] = [600, 3000];

// Calls show() with more and more of a drawing, in the end with all of it; at once if motion is to be reduced. Stops
// when the signal is aborted.
export async function replay(drawing, show, signal) {
  const lengths = drawing.map(({ points }) => points.reduce((sum, _, index) => sum + distance(points, index), 0));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const duration = isStill ? 0 : Math.min(Math.max((1000 * total) / SPEED, MIN_MS), MAX_MS);
  const started = performance.now();
  for (let elapsed = 0; elapsed < duration && !signal.aborted; elapsed = performance.now() - started) {
    show(beginning(drawing, (total * elapsed) / duration));
    await new Promise(requestAnimationFrame);
  }
  if (!signal.aborted) show(drawing);
}

// Returns the part of a drawing that has been drawn when the pen has gone so far. It consists of the same points.
export function beginning(drawing, length) {
  const strokes = [];
  for (const stroke of drawing) {
    const end = stroke.points.findIndex((_, index) => (length -= distance(stroke.points, index)) < 0);
    strokes.push(end < 0 ? stroke : { ...stroke, points: stroke.points.slice(0, Math.max(1, end)) });
    if (end >= 0) break;
  }
  return strokes;
}

// The distance of a point from the one before it.
function distance(points, index) {
  if (index === 0) return 0;
  return Math.hypot(points[index][0] - points[index - 1][0], points[index][1] - points[index - 1][1]);
}
