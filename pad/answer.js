// Shows an answer: from the pad by an event in the page, from a photo as the component's value.

const EMPTY_IMAGE = "data:image/gif;base64,R0lGODlhAQABAAAAACw="; // keeps the black square while there is no frame
const PROMPT = "Draw a digit from 0 to 9, or give a photo of one.";

const digit = element.querySelector(".digit");
const words = element.querySelector(".words");
const bars = [...element.querySelectorAll(".bars li")];
const frame = element.querySelector("img");

function show(answer) {
  digit.textContent = answer?.digit ?? "";
  words.textContent = inWords(answer);
  const top = answer?.top ?? [];
  bars.forEach((bar, place) => {
    const [likely, probability] = top[place] ?? ["", 0];
    bar.querySelector("b").textContent = likely;
    bar.querySelector("meter").value = probability;
    bar.querySelector("meter").ariaLabel = `Probability of ${likely}`;
    bar.querySelector("span").textContent = likely === "" ? "" : `${(100 * probability).toFixed(1)} %`;
  });
  frame.src = answer?.frame ?? EMPTY_IMAGE;
  frame.alt = answer?.frame ? `The ${answer.digit ?? "ink"} as the network saw it` : "";
}

function inWords(answer) {
  if (answer?.error) return answer.error;
  if (!answer || answer.reason === "blank") return answer?.given ? "Nothing is drawn here." : PROMPT;
  return answer.reason ?? `That is a ${answer.digit}.`;
}

show(props.value);
watch("value", () => show(props.value));
window.addEventListener("pad-answer", (event) => show(event.detail));
