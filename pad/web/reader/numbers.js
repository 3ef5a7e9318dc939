// Functions of numbers and of lists of them, as Python and numpy have them.

// Rounds to the nearest integer, halves to the even one.
export function round(number) {
  const rounded = Math.round(number);
  return rounded - number === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

export function roundTo(number, decimals) {
  return Number(number.toFixed(decimals));
}

// Returns a list of so many items, each made of its place.
export const list = (length, item) => Array.from({ length }, (_, place) => item(place));

export const clamp = (number, low, high) => Math.min(Math.max(number, low), high);

// The extremes of long lists, which Math.min() and Math.max() cannot take as arguments.
export function minimum(numbers) {
  let least = Infinity;
  for (let place = 0; place < numbers.length; place++) if (numbers[place] < least) least = numbers[place];
  return least;
}

export function maximum(numbers) {
  let most = -Infinity;
  for (let place = 0; place < numbers.length; place++) if (numbers[place] > most) most = numbers[place];
  return most;
}

export function sum(numbers) {
  let total = 0;
  for (let place = 0; place < numbers.length; place++) total += numbers[place];
  return total;
}

export const mean = (numbers) => sum(numbers) / numbers.length;

export const argmax = (numbers) => numbers.indexOf(maximum(numbers));

// Interpolates linearly between the two nearest of the sorted numbers.
export function percentile(numbers, percent) {
  const sorted = Float64Array.from(numbers).sort();
  const place = ((sorted.length - 1) * percent) / 100;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

export const median = (numbers) => percentile(numbers, 50);
