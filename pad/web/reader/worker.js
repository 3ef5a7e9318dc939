// Runs reader.js beside the page, so that nothing blocks the pen.
//
// A classic worker, as LiteRT.js loads its WebAssembly with importScripts(), which module workers do not have.

const reader = import("./reader.js");

// A message is [task, given]; the answer, or the error's text if there is none, goes to its port.
self.addEventListener("message", async ({ data, ports: [port] }) => {
  try {
    const { answer } = await reader;
    port.postMessage({ answer: await answer(...data) });
  } catch (error) {
    port.postMessage({ error: String(error) });
  }
});
