// Planes: one channel of a picture, { width, height, data }, its values row by row.
//
// Boxes are [left, top, right, bottom].

export function newPlane(width, height, Values = Float32Array) {
  return { width, height, data: new Values(width * height) };
}

// Applies a function to each value and its index.
export function map({ width, height, data }, value, Values = Float32Array) {
  const mapped = newPlane(width, height, Values);
  for (let index = 0; index < data.length; index++) mapped.data[index] = value(data[index], index);
  return mapped;
}

// Returns the mask of the values above a limit. Loops over a whole map that every drawing passes through are written out,
// here and elsewhere: they are faster than a call of a function for each value.
export function above({ width, height, data }, limit) {
  const mask = newPlane(width, height, Uint8Array);
  for (let index = 0; index < data.length; index++) mask.data[index] = data[index] > limit ? 1 : 0;
  return mask;
}

export function crop({ width, data }, [left, top, right, bottom]) {
  const part = newPlane(right - left, bottom - top, data.constructor);
  for (let y = top; y < bottom; y++) {
    part.data.set(data.subarray(y * width + left, y * width + right), (y - top) * part.width);
  }
  return part;
}

// Returns a plane in the middle of a larger one of zeros.
export function pad(plane, margin) {
  const padded = newPlane(plane.width + 2 * margin, plane.height + 2 * margin, plane.data.constructor);
  paste(plane, padded, margin, margin);
  return padded;
}

export function paste(plane, onto, left, top) {
  for (let y = 0; y < plane.height; y++) {
    const row = plane.data.subarray(y * plane.width, (y + 1) * plane.width);
    onto.data.set(row, (y + top) * onto.width + left);
  }
}

// Returns the box around all values above a limit; null if none is.
export function boundingBox({ width, height, data }, limit) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, index = 0; y < height; y++) {
    for (let x = 0; x < width; x++, index++) {
      if (!(data[index] > limit)) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
    }
  }
  return right > left ? [left, top, right, bottom] : null;
}

// Returns the largest value; faster than maximum(), whose lists are of many types.
export function largest({ data }) {
  let value = data[0];
  for (let index = 1; index < data.length; index++) if (data[index] > value) value = data[index];
  return value;
}
