// Mounts the answer. A drawing's arrives as an event in the page, a photo's as the component's value.

import { drawCard, pictureOf } from "./card.js";
import { Correction } from "./correction.js";
import { errorMessage, message, translate } from "./messages.js";
import { byProbability, isNumber, sentence } from "./sentence.js";
import { askServer } from "./server.js";

const ANNOUNCEMENT_DELAY_MS = 700; // an answer is announced to screen readers after it has been shown for this long
const HIGHLIGHTED = 3; // bars

export default function mount({ element, props, watch }) {
  const digit = element.querySelector(".digit");
  const text = element.querySelector(".sentence");
  const announced = element.querySelector(".announced");
  const bars = element.querySelector(".bars");
  const frame = element.querySelector("img");
  const seen = element.querySelector(".seen");
  const caption = seen.querySelector("figcaption");
  const found = element.querySelector(".found");
  const actions = element.querySelector(".actions");
  const whyButton = element.querySelector("[name=why]");
  const downloadButton = element.querySelector("[name=download]");
  const correction = new Correction(element.querySelector("details"));

  let shown = null;
  let announcement;

  function show(answer) {
    shown = answer;
    actions.style.visibility = answer?.frame ? "visible" : "hidden";
    correction.show(answer);
    whyButton.hidden = isNumber(answer);
    showNumber(answer?.number ?? "");
    text.textContent = sentence(answer);
    showProbabilities(answer);
    showFrame(answer);
    showFound(answer);
    clearTimeout(announcement);
    announcement = setTimeout(() => {
      const number = isNumber(answer) || !text.textContent ? digit.textContent : "";
      announced.textContent = `${number} ${text.textContent}`.trim();
    }, ANNOUNCEMENT_DELAY_MS);
  }

  function showNumber(number) {
    const lines = number.split("\n");
    digit.textContent = number;
    digit.classList.toggle("number", isNumber(shown));
    digit.style.setProperty("--lines", lines.length);
    digit.style.setProperty("--characters", Math.max(...lines.map((line) => line.length)));
  }

  // A number has no bars and no frame; their room stays empty.
  function showProbabilities(answer) {
    bars.style.visibility = isNumber(answer) ? "hidden" : "visible";
    const probabilities = answer?.frame ? answer.probabilities : Array(10).fill(0);
    const highlighted = answer?.frame ? byProbability(probabilities).slice(0, HIGHLIGHTED) : [];
    bars.classList.toggle("doubted", Boolean(answer?.reason));
    probabilities.forEach((probability, place) => {
      const bar = bars.children[place];
      const percent = Math.round(100 * probability);
      const isHighlighted = highlighted.includes(place);
      bar.classList.toggle("likely", isHighlighted);
      bar.querySelector(".bar").style.setProperty("--probability", `${100 * probability}%`);
      bar.querySelector(".percent").textContent = isHighlighted && percent ? `${percent} %` : "";
      bar.ariaLabel = `${place}: ${percent} %`;
    });
  }

  function showFrame(answer) {
    seen.style.visibility = isNumber(answer) ? "hidden" : "visible";
    frame.style.visibility = answer?.frame && !isNumber(answer) ? "visible" : "hidden";
    if (answer?.frame) frame.src = answer.frame;
    frame.alt = answer?.frame ? message("saw_picture") : "";
    caption.textContent = message("saw");
    whyButton.ariaPressed = false;
  }

  // Shows a photo with the outline of the ink that was found, so that a wrong crop is visible.
  async function showFound(answer) {
    found.hidden = !answer?.picture;
    if (!answer?.picture) return;
    const [, width, height] = await pictureOf(answer);
    const svg = found.querySelector("svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.querySelector("image").setAttribute("href", answer.picture);
    const point = ([x, y]) => `${(x * width).toFixed(1)} ${(y * height).toFixed(1)}`;
    const edges = answer.outline.map((polygon) => `M${polygon.map(point).join("L")}Z`);
    svg.querySelector("path").setAttribute("d", edges.join(""));
  }

  async function explain() {
    const explained = shown;
    if (whyButton.ariaPressed === "true") {
      showFrame(explained);
      return;
    }
    const response = await askServer("why", JSON.stringify(explained.frame)).catch(() => ({ code: "no_answer" }));
    if (shown !== explained) return;
    if (response.code) {
      caption.textContent = errorMessage(response);
      return;
    }
    frame.src = response.map;
    frame.alt = caption.textContent = message("because", { digit: response.digit });
    whyButton.ariaPressed = true;
  }

  async function download() {
    const link = document.createElement("a");
    link.href = (await drawCard(shown, text.textContent)).toDataURL("image/png");
    link.download = `digit-${shown.number.replaceAll("\n", "-") || "none"}.png`;
    link.click();
  }

  translate(element);
  whyButton.addEventListener("click", explain);
  downloadButton.addEventListener("click", download);
  show(props.value);
  watch("value", () => show(props.value));
  window.addEventListener("pad-answer", (event) => {
    // Otherwise the same photo's answer, given again, would not count as a change. Without the drawing, because Gradio
    // compares values element by element.
    props.value = event.detail && { ...event.detail, drawing: undefined };
    show(event.detail);
  });
  window.dispatchEvent(new Event("pad-shown")); // the pad may have been mounted first and already have an answer
}
