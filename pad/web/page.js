// Mounts the page: what is given, a drawing or a photo, is read, and the answers go to the views.
//
// Who reads is a module that the document names: server.js asks the server, reader/browser.js reads in the browser
// itself. Both have the same functions.

import { AnswerPanel } from "./answer.js";
import { Camera } from "./camera.js";
import { pictureOf } from "./card.js";
import { Correction } from "./correction.js";
import { paint } from "./drawing.js";
import { EXAMPLES, showExamples } from "./examples.js";
import { DrawingHistory } from "./history.js";
import { Inside } from "./inside.js";
import { decode } from "./link.js";
import { errorMessage, message, translate } from "./messages.js";
import { Pen } from "./pen.js";
import { closePhoto, isUnreadable, openPhoto, readPhoto, receiveFiles, shrunk } from "./photo.js";
import { Reader } from "./reader.js";
import { replay } from "./replay.js";
import { isRefusal, leastProbable, markOf } from "./sentence.js";
import { Sharing, takeSharedDrawing } from "./sharing.js";
import { Stage } from "./stage.js";

const SENT_SIDE = 128; // pixels of the picture that is sent: as many as the ink network looks at
const REST_MS = 500; // that a drawing has not changed when it is said that it shows no digit
const STORAGE_KEY = "digit-pad";

function mount(root, answers) {
  translate(root);
  const find = (selector) => root.querySelector(selector);
  const button = Object.fromEntries([...root.querySelectorAll("button[name]")].map((each) => [each.name, each]));
  const history = new DrawingHistory(storedDrawing());
  const stage = new Stage(find(".paper"), select);
  const panel = new AnswerPanel(find(".answer"), select);
  const inside = new Inside(find(".inside"), answers);
  const correction = new Correction(find(".correction"), answers);
  const sharing = new Sharing(find("dialog"), root.dataset.space);
  const camera = new Camera(find("video"));
  const drawingReader = new Reader((drawing) => answers.read(picture(drawing)), onDrawingAnswer);
  const photoReader = new Reader((given) => readPhoto(given, answers), onPhotoAnswer);
  const pen = new Pen(find("canvas"), find(".tip"), {
    start: (stroke) => {
      stopReplay(); // the stroke is added to the whole drawing
      change([...history.drawing, stroke]);
    },
    extend: (points) => {
      const stroke = history.drawing.at(-1);
      amend([...history.drawing.slice(0, -1), { ...stroke, points: [...stroke.points, ...points] }]);
    },
  });

  let mode = "pen"; // or "photo" or "camera"
  let photo = null; // the one on the stage
  let opening = null; // the files that are being opened
  let answer = null; // the one that is shown
  let selected = 0; // the place of the digit that is looked at
  let isChosen = false; // whether the visitor has selected it
  let map = null; // the saliency map of that digit, while it is shown
  let replaying = new AbortController();
  let replayed = null; // the shared drawing, until all of it is drawn
  let changed = 0; // when the drawing was changed
  let refusal = null;

  // The drawing

  function change(drawing) {
    stopReplay();
    history.change(drawing);
    stage.say("");
    update();
  }

  // Replaces the drawing as part of the last change, such as a growing stroke.
  function amend(drawing) {
    history.amend(drawing);
    update();
  }

  function update() {
    stage.paint(history.drawing);
    button.undo.disabled = !history.canUndo;
    button.redo.disabled = !history.canRedo;
    button.clear.disabled = history.drawing.length === 0;
    changed = performance.now();
    clearTimeout(refusal);
    drawingReader.read(history.drawing.length ? history.drawing : null);
  }

  const undo = () => step(() => history.undo());
  const redo = () => step(() => history.redo());

  function step(move) {
    stopReplay();
    pen.liftKeys();
    stage.say("");
    if (!pen.isDown && move()) update();
  }

  function clear() {
    pen.lift();
    setEraser(false);
    if (history.drawing.length) change([]);
  }

  function setEraser(erases) {
    pen.erases = erases;
    button.eraser.ariaPressed = erases;
  }

  // A refusal, of all marks or some, waits until the pen has rested; it would only flash while a digit is being drawn.
  function onDrawingAnswer(next) {
    clearTimeout(refusal);
    if (mode !== "pen") return;
    const wait = changed + REST_MS - performance.now();
    if (wait <= 0 || !(isRefusal(next) || next?.rejected?.length)) {
      show(next);
      return;
    }
    refusal = setTimeout(show, wait, next);
    if (!isRefusal(next)) show({ ...next, rejected: [] });
  }

  // Replays

  function stopReplay() {
    replaying.abort();
    replaying = new AbortController();
  }

  // An example that draws itself, faintly, until the visitor draws.
  function invite() {
    replay(decode(EXAMPLES.crossed_seven), (drawing) => stage.paint(drawing, true), replaying.signal);
  }

  // Returns whether there is a drawing in the page's address.
  function openLink() {
    const drawing = takeSharedDrawing();
    if (drawing === undefined) return false;
    usePen();
    if (drawing) replayShared(drawing);
    else stage.say(message("bad_link"));
    return Boolean(drawing);
  }

  function replayShared(drawing) {
    change([]);
    replayed = drawing;
    const end = () => {
      replayed = null;
      amend(drawing);
    };
    replaying.signal.addEventListener("abort", end); // whatever is done next, is done to all of it
    replay(drawing, (part) => (part === drawing ? end() : amend(part)), replaying.signal);
    stage.say(message("shared"), { key: "now_you", run: clear });
  }

  // Photos

  function setMode(next) {
    clearTimeout(refusal);
    root.dataset.mode = mode = next;
    if (mode !== "camera") camera.stop();
    find("video").hidden = mode !== "camera";
  }

  function usePen() {
    opening = null;
    photoReader.read(null);
    closePhoto(photo);
    photo = null;
    setMode("pen");
    show(drawingReader.answer);
  }

  // Several are read one after the other, and the last stays.
  async function openFiles(files) {
    stopReplay();
    stage.say("");
    if (photo && (!photo.answer || photo.answer.code)) usePen(); // it would still be read
    opening = files;
    for (const file of files) {
      const opened = await openPhoto(file);
      if (opening !== files) return;
      await readFile(opened, files.length > 1);
    }
  }

  // A file that is no picture leaves what was there before. Of several, the error names it, as another is shown.
  async function readFile(opened, isOneOfSeveral) {
    const before = { photo, mode };
    photo = opened;
    setMode("photo");
    show(null);
    await photoReader.read(opened);
    if (isUnreadable(opened.answer)) {
      photo = before.photo;
      setMode(photo ? "photo" : "pen");
      show(photo ? photo.answer : drawingReader.answer);
      const error = errorMessage(opened.answer);
      stage.say(isOneOfSeveral ? `${opened.file.name}: ${error}` : error);
      photoReader.read(null);
    } else if (before.photo !== photo) {
      closePhoto(before.photo);
    }
  }

  function onPhotoAnswer(next) {
    if (!next) return;
    next.given.answer = next;
    if (next.given === photo && !isUnreadable(next)) show(next);
  }

  async function takePhoto() {
    if (matchMedia("(pointer: coarse)").matches) {
      find("[name=capture]").click();
      return;
    }
    stage.say("");
    setMode("camera");
    show(null);
    try {
      await camera.start();
    } catch {
      usePen();
      stage.say(message("no_camera"));
    }
  }

  // The answer

  function show(next) {
    const count = next?.digits?.length ?? 0;
    isChosen &&= count === answer?.digits?.length;
    if (!isChosen) selected = count ? leastProbable(next.digits) : 0;
    answer = next;
    map = null;
    render();
  }

  function select(place) {
    [selected, isChosen, map] = [place, true, null];
    const wasIn = document.activeElement.closest(".number, .overlay");
    render();
    wasIn?.querySelector("[aria-pressed=true]")?.focus(); // it has been made anew
  }

  function render() {
    const mark = markOf(answer, selected);
    panel.show({ answer, selected, map, isBusy: mode === "photo" });
    stage.show({ photo, answer, selected, map });
    inside.show(mark);
    correction.show(mark && { mark, picture: () => pictureData(answer.given) });
    button.share.disabled = !answer || Boolean(answer.code) || replayed !== null; // not a part of a drawing
    button.why.disabled = button.wrong.disabled = !mark;
    button.why.ariaPressed = Boolean(map);
  }

  async function explain() {
    const [explained, place] = [answer, selected];
    if (map) {
      map = null;
    } else {
      const { frame } = markOf(answer, selected);
      const response = await answers.why(frame).catch(() => ({ code: "no_answer" }));
      if (answer !== explained || selected !== place) return;
      if (response.code) stage.say(errorMessage(response));
      else map = response;
    }
    render();
  }

  showExamples(find(".examples"), { draw: change, open: openFiles });
  const { space } = root.dataset;
  find(".api").hidden = !answers.hasApi;
  find(".duplicate").hidden = !space;
  if (space) find(".duplicate").href = `https://huggingface.co/spaces/${space}?duplicate=true`;
  const run = {
    undo,
    redo,
    clear,
    eraser: () => setEraser(!pen.erases),
    draw: usePen,
    open: () => find("[name=files]").click(),
    camera: takePhoto,
    shoot: async () => openFiles([await camera.shoot()]),
    share: () => sharing.share(answer),
    why: explain,
    inside: () => toggle(inside, button.inside),
    wrong: () => toggle(correction, button.wrong),
  };
  for (const [name, action] of Object.entries(run)) button[name].addEventListener("click", action);
  for (const input of root.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", async () => {
      await openFiles([...input.files]);
      input.value = ""; // the same file may be chosen again
    });
  }
  receiveFiles(find(".paper"), openFiles);

  window.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, [contenteditable]");
    if (isTyping || event.altKey || find("dialog").open) return;
    const key = event.key.toLowerCase();
    const hasModifier = event.ctrlKey || event.metaKey;
    if (hasModifier && mode === "pen" && (key === "z" || key === "y")) {
      (key === "y" || event.shiftKey ? redo : undo)();
    } else if (!hasModifier && (key === "delete" || key === "escape")) {
      (mode === "pen" ? clear : usePen)();
    } else {
      return;
    }
    event.preventDefault();
  });

  document.addEventListener("dragstart", (event) => event.preventDefault()); // a stroke over selected text is no drag
  window.addEventListener("hashchange", openLink);
  window.addEventListener("pagehide", () => {
    stopReplay();
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(history.drawing));
  });

  setMode("pen"); // the page is visible from now on
  update();
  render();
  if (!openLink() && !history.drawing.length) invite();
}

function toggle(part, opener) {
  part.isOpen = !part.isOpen;
  opener.ariaExpanded = part.isOpen;
}

// The drawing survives a reload. Some frames have no storage.
function storedDrawing() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY)) ?? [];
  } catch {
    return [];
  }
}

// The picture that is stored with a correction, as a data URL.
function pictureData(given) {
  return given.file ? shrunk(given) : pictureOf(given)[0].toDataURL();
}

const sent = document.createElement("canvas");
sent.width = sent.height = SENT_SIDE;
sent.getContext("2d", { willReadFrequently: true }); // as all that is painted there is read

function picture(drawing) {
  paint(sent, drawing);
  return sent;
}

// Follows the theme that a Space's page asks for, as Gradio does.
const theme = new URLSearchParams(location.search).get("__theme");
if (theme === "light" || theme === "dark") document.documentElement.style.colorScheme = theme;

const root = document.getElementById("digit-pad");
mount(root, await import(root.dataset.answers));
