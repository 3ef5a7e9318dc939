// Runs the two networks with LiteRT.js. `python -m pad.site` puts its files into ../litert/, and the networks into
// ../networks/. They are the server's, but the one for digits takes one frame at a time, and also returns what its
// convolutions make of it.

import { Tensor, getGlobalLiteRtPromise, loadAndCompile, loadLiteRt } from "../litert/litert.js";
import { SIDE } from "./frame.js";
import { signatureName } from "./ink.js";
import { sum } from "./numbers.js";

export const DIGITS = 10;
export const TINY = 1e-30; // keeps probabilities finite if all ten underflow

const urlOf = (path) => new URL(path, import.meta.url).href;

// Resolves to { ink, digits, convolutions }: functions that resolve to the probabilities of ink and contact in a
// standardised picture of one of the SHAPES, to { probabilities, notDigit } of a frame, and to the activations of each
// convolution for a frame, { filters, width, height, data }, all filters of a place side by side.
export async function loadNetworks() {
  const files = Promise.all(["ink", "digits"].map(download));
  // LiteRT.js would look for its files beside the worker, and writes what it does as errors.
  self.Module = { locateFile: (name) => urlOf(`../litert/${name}`), printErr: console.debug };
  await (getGlobalLiteRtPromise() ?? loadLiteRt(urlOf("../litert/litert_wasm_compat_internal.js")));
  const [ink, digits] = await Promise.all((await files).map((file) => loadAndCompile(file, { accelerator: "wasm" })));
  const runDigits = (frame, names) => {
    return run(digits, digits.key, { frames: new Tensor(frame.data, [1, SIDE, SIDE]) }, names);
  };
  const outputs = digits.getOutputDetails().map(({ name }) => name);
  const convolutions = outputs.filter((name) => name !== "probabilities").sort();
  return {
    async ink(standardised, shape) {
      const inputs = { standardised: new Tensor(standardised, [1, ...shape, 2]) };
      const [{ data }] = await run(ink, signatureName(shape), inputs, ["ink"]);
      return data;
    },
    async digits(frame) {
      const [{ data }] = await runDigits(frame, ["probabilities"]);
      const probabilities = Array.from(data.subarray(0, DIGITS), (value) => value + TINY);
      const total = sum(probabilities);
      return { probabilities: probabilities.map((value) => value / total), notDigit: sum(data.subarray(DIGITS)) };
    },
    async convolutions(frame) {
      const activations = await runDigits(frame, convolutions);
      return activations.map(({ data, shape: [, height, width, filters] }) => ({ data, height, width, filters }));
    },
  };
}

async function download(name) {
  const response = await fetch(urlOf(`../networks/${name}.tflite`));
  if (!response.ok) throw new Error(`${name}.tflite: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

// Resolves to the outputs with these names. LiteRT.js frees no tensor by itself.
async function run(network, signature, inputs, names) {
  const outputs = await network.run(signature, inputs);
  const values = names.map((name) => ({
    data: outputs[name].toTypedArray(),
    shape: outputs[name].type.layout.dimensions,
  }));
  for (const tensor of Object.values({ ...inputs, ...outputs })) tensor.delete();
  return values;
}
