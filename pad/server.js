// Asks one of the server's routes (routes.py): its answer, or { error, code }. Throws where there is no server.

async function askServer(route, body) {
  const response = await fetch(route, { method: "POST", body });
  return response.json();
}

// What went wrong, in the visitor's language where there are words for it.
function inError(answer) {
  return words[answer.code] ?? answer.error;
}
