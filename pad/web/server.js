// Requests to the server's routes (pad/routes.py).

const TIMEOUT_MS = 10_000;

// Resolves to the route's answer or to { error, code }, with retryAfter in seconds if the server asks to try again.
// Rejects if the server cannot be reached or does not answer in time.
export async function askServer(route, body, signal = AbortSignal.timeout(TIMEOUT_MS)) {
  const response = await fetch(route, { method: "POST", body, signal });
  return { ...(await response.json()), retryAfter: Number(response.headers.get("retry-after")) };
}
