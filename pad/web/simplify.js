// Simplifies a polyline: Ramer (1972), Douglas and Peucker (1973).

import { clamp } from "./clamp.js";

// Returns the first, the last and as few of the other points as keep the rest within the tolerance of their lines.
export function simplify(points, tolerance) {
  const kept = new Set([0, points.length - 1]);
  const ranges = [[0, points.length - 1]];
  while (ranges.length) {
    const [start, end] = ranges.pop();
    let [farthest, distance] = [start, tolerance];
    for (let index = start + 1; index < end; index++) {
      const other = distanceToSegment(points[index], points[start], points[end]);
      if (other > distance) [farthest, distance] = [index, other];
    }
    if (farthest === start) continue;
    kept.add(farthest);
    ranges.push([start, farthest], [farthest, end]);
  }
  return points.filter((_, index) => kept.has(index));
}

function distanceToSegment([x, y], [startX, startY], [endX, endY]) {
  const [alongX, alongY] = [endX - startX, endY - startY];
  const squaredLength = alongX ** 2 + alongY ** 2;
  const fraction = squaredLength ? clamp(((x - startX) * alongX + (y - startY) * alongY) / squaredLength) : 0;
  return Math.hypot(x - startX - fraction * alongX, y - startY - fraction * alongY);
}
