// Limits a number to 0..1, the range of coordinates on the pad.

export const clamp = (number) => Math.min(Math.max(number, 0), 1);
