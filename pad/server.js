const PATIENCE_MS = 10_000;

// Asks one of the server's routes (routes.py): its answer, or { error, code }; with retryAfter, in seconds, where it
// may be asked again. Throws where there is no server, or a slow one.
async function askServer(route, body) {
  const response = await fetch(route, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE_MS) });
  return { ...(await response.json()), retryAfter: Number(response.headers.get("retry-after")) };
}

// What went wrong, in the visitor's language where there are words for it.
function inError(answer) {
  return words[answer.code] ?? answer.error;
}
