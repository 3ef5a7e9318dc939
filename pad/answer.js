// Shows an answer: from the pad by an event in the page, from a photo as the component's value.

const PROMPT = "Draw a digit, or give a photo of one.";

const digit = element.querySelector(".digit");
const words = element.querySelector(".words");
const likely = element.querySelector(".likely");
const rows = [...element.querySelectorAll("li")];
const frame = element.querySelector("img");

function show(answer) {
  digit.textContent = answer?.digit ?? "";
  words.textContent = inWords(answer);
  likely.classList.toggle("doubted", Boolean(answer?.reason));
  rows.forEach((row, place) => showLikely(row, answer?.top?.[place]));
  frame.style.visibility = answer?.frame ? "visible" : "hidden";
  if (answer?.frame) frame.src = answer.frame;
}

function showLikely(row, [likely, probability] = ["", 0]) {
  const percent = `${(100 * probability).toFixed(1)} %`;
  row.querySelector("b").textContent = likely;
  row.querySelector(".bar").style.setProperty("--share", percent.replace(" ", ""));
  row.querySelector(".percent").textContent = likely === "" ? "" : percent;
}

function inWords(answer) {
  if (answer?.error) return answer.error;
  if (!answer) return PROMPT;
  if (answer.reason === "blank") return "Nothing to read is drawn here.";
  if (answer.reason === "not a digit") return "That is not a digit. If it were one:";
  return answer.reason ?? `That is a ${answer.digit}.`;
}

show(props.value);
watch("value", () => show(props.value));
window.addEventListener("pad-answer", (event) => {
  props.value = event.detail; // or the same answer from a photo, given once more, would not count as a change
  show(event.detail);
});
