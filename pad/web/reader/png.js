// Planes and pictures of four channels as PNG files in data URLs.

import { map, newPlane } from "./plane.js";

// Encodes a plane of 0..255.
export function encodeGrey(plane) {
  const data = new Uint8ClampedArray(4 * plane.data.length);
  plane.data.forEach((value, index) => data.set([value, value, value, 255], 4 * index));
  return encode({ ...plane, data });
}

// Encodes red, green, blue and opacity of 0..255.
export async function encode({ width, height, data }) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
  return new FileReaderSync().readAsDataURL(await canvas.convertToBlob());
}

// Returns the plane of 0..255 in a grey picture.
export async function decodeGrey(url) {
  const bytes = Uint8Array.from(atob(url.split(",")[1]), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none" });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return map(newPlane(width, height), (_, index) => data[4 * index], Uint8ClampedArray);
}
