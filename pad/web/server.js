// Answers from the server's routes (pad/routes.py).
//
// Each function resolves to the route's answer or to { error, code }, with retryAfter in seconds if the server asks to
// try again. It rejects if the server cannot be reached or does not answer in time.

const TIMEOUT_MS = 10_000;

export const hasApi = true;
export const correctionNotice = "kept_here"; // the message that says where corrections go

// Takes a canvas or a file. The answer about a file that the browser cannot show has its picture.
export async function read(picture, { isShown = true, signal } = {}) {
  const file = picture instanceof Blob ? picture : await new Promise((resolve) => picture.toBlob(resolve));
  return ask(isShown ? "read" : "read/preview", file, signal);
}

export const why = (frame) => ask("why", JSON.stringify(frame));
export const inside = (frame) => ask("inside", JSON.stringify(frame));
export const correct = (correction) => ask("correct", JSON.stringify(correction));
export const withdraw = (name) => ask("withdraw", JSON.stringify(name));

async function ask(route, body, signal = AbortSignal.timeout(TIMEOUT_MS)) {
  const response = await fetch(route, { method: "POST", body, signal });
  return { ...(await response.json()), retryAfter: Number(response.headers.get("retry-after")) };
}
