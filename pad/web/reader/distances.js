// Distances to the nearest zero of a mask, as OpenCV's distanceTransform() approximates them: Borgefors (1986),
// "Distance transformations in digital images".

const FAR = 2 ** 30;
const UNIT = 2 ** 16; // distances are integers, so that equal ways are equal

// The steps of the way to a pixel from those before it, [dx, dy, length], for masks of 3×3 and 5×5 pixels.
export const STEPS_3 = [
  [-1, -1, 1.3693],
  [0, -1, 0.955],
  [1, -1, 1.3693],
  [-1, 0, 0.955],
];
export const STEPS_5 = [
  [-1, -2, 2.1969],
  [1, -2, 2.1969],
  [-2, -1, 2.1969],
  [-1, -1, 1.4],
  [0, -1, 1],
  [1, -1, 1.4],
  [2, -1, 2.1969],
  [-1, 0, 1],
];

// Returns the distances, and for each pixel the index of its nearest zero.
export function distanceTransform({ width, height, data }, steps) {
  const distances = Float64Array.from(data, (value) => (value ? FAR : 0));
  const nearest = Int32Array.from(data, (_, index) => index);
  const lengths = steps.map(([, , length]) => Math.round(length * UNIT));
  const relax = (x, y, direction) => {
    const index = y * width + x;
    steps.forEach(([dx, dy], step) => {
      const [fromX, fromY] = [x + direction * dx, y + direction * dy];
      if (fromX < 0 || fromX >= width || fromY < 0 || fromY >= height) return;
      const from = fromY * width + fromX;
      const distance = distances[from] + lengths[step];
      if (distance >= distances[index]) return;
      distances[index] = distance;
      nearest[index] = nearest[from];
    });
  };
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) relax(x, y, 1);
  for (let y = height - 1; y >= 0; y--) for (let x = width - 1; x >= 0; x--) relax(x, y, -1);
  return { distances: Float32Array.from(distances, (distance) => distance / UNIT), nearest };
}
