// Answers what the page asks, in its worker.

import { inside, read, why } from "./answer.js";
import { loadNetworks } from "./networks.js";
import { PictureError } from "./picture.js";

const TASKS = { read, why, inside };

let networks = null;

// Loads the networks, once; after a failure, such as a lost connection, again.
function loaded() {
  networks ??= loadNetworks().catch((error) => {
    networks = null;
    throw error;
  });
  return networks;
}

loaded().catch(() => {}); // before anything is asked

// Resolves to the answer or to { code }; rejects if the networks cannot be loaded.
export async function answer(task, given) {
  if (!self.WebAssembly) return { code: "no_webassembly" };
  try {
    return await TASKS[task](given, await loaded());
  } catch (error) {
    if (error instanceof PictureError) return { code: error.code };
    throw error;
  }
}
