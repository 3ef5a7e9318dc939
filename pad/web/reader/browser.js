// Answers from the reader in the browser itself, in a worker. The functions are those of server.js.

const worker = new Worker(new URL("worker.js", import.meta.url));

export const hasApi = false;
export const correctionNotice = "kept_file";

// Takes a canvas or a file.
export function read(picture) {
  if (picture instanceof Blob) return ask("read", picture);
  return ask("read", picture.getContext("2d").getImageData(0, 0, picture.width, picture.height));
}

export const why = (frame) => ask("why", frame);
export const inside = (frame) => ask("inside", frame);

// Gives the correction to the visitor, in the form that the server's route takes.
export async function correct(correction) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(correction)], { type: "application/json" }));
  link.download = `digit-pad-correction-${Date.now()}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
  return {};
}

function ask(task, given) {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage([task, given], [port2]);
  return new Promise((resolve, reject) => {
    port1.addEventListener("message", ({ data: { answer, error } }) => {
      if (error) reject(new Error(error));
      else resolve(answer);
    });
    port1.start();
  });
}

// Where there is no service worker, on a page without TLS for example, the site works, but not offline.
navigator.serviceWorker?.register("sw.js");
