// Photos: the files that are opened, dropped, pasted or taken, and their pictures.
//
// A photo is { file, picture, closing }: the picture is a decoded image, or null until the server has sent one, for a
// file that the browser cannot show; closing is aborted when the photo is no longer wanted. Its answer is added to it.

const MAX_BYTES = 30_000_000; // the server's limit; it would cut off the upload of a larger file
const UPLOAD_TIMEOUT_MS = 120_000; // as long as the server waits for a picture
const KEPT_SIDE = 640; // longer side in pixels of the picture that is stored with a correction

export async function openPhoto(file) {
  const isTooLarge = file.size > MAX_BYTES;
  const picture = isTooLarge ? null : await decoded(URL.createObjectURL(file)).catch(() => null);
  return { file, picture, closing: new AbortController() };
}

// Resolves to the answer.
export async function readPhoto(photo, answers) {
  if (photo.file.size > MAX_BYTES) return { code: "too_large" };
  // A folder that was dropped, or a file that has been deleted, cannot be sent; the server is not to blame.
  const isReadable = await photo.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
  if (!isReadable) return { code: "unreadable" };
  const signal = AbortSignal.any([photo.closing.signal, AbortSignal.timeout(UPLOAD_TIMEOUT_MS)]);
  const answer = await answers.read(photo.file, { isShown: Boolean(photo.picture), signal });
  if (answer.picture) photo.picture = await decoded(answer.picture);
  return answer;
}

// Whether the answer is that the file is not a picture that can be read.
export function isUnreadable(answer) {
  return ["unreadable", "undecodable", "too_large", "no_pixels"].includes(answer?.code);
}

// Stops its upload, too.
export function closePhoto(photo) {
  photo?.closing.abort();
  if (photo?.picture) URL.revokeObjectURL(photo.picture.src);
}

async function decoded(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return picture;
}

// Returns a photo's picture at moderate size, as a data URL.
export function shrunk({ picture }) {
  const scale = Math.min(1, KEPT_SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight].map((side) => Math.ceil(side * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg");
}

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

// Calls open(files) with the files that are dropped on the page or pasted into it, and marks the element meanwhile.
export function receiveFiles(element, open) {
  window.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault(); // otherwise the browser opens the file itself
    element.classList.add("dropping");
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) element.classList.remove("dropping"); // it has left the window
  });
  window.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    element.classList.remove("dropping");
    open([...event.dataTransfer.files]);
  });
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    open(files);
  });
}
