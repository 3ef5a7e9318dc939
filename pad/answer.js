// Shows an answer: from the pad by an event in the page, from a photo as the component's value.

const HESITANT = 0.8; // a digit less likely than this is said with the next one
const QUIET_MS = 700; // an answer is announced once it has stood so long

const digit = element.querySelector(".digit");
const sentence = element.querySelector(".words");
const announced = element.querySelector(".announced");
const bars = element.querySelector(".bars");
const rows = [...bars.children];
const frame = element.querySelector("img");
const caption = element.querySelector(".seen figcaption");
const found = element.querySelector(".found");
const whyButton = element.querySelector("[name=why]");

const correction = element.querySelector("details");
const choices = element.querySelector(".choices");
const kept = element.querySelector(".kept");
const actions = element.querySelector(".actions");
const download = element.querySelector("[name=download]");

let shown = null;
let announcing;

function show(answer) {
  shown = answer;
  actions.style.visibility = correction.style.visibility = answer?.frame ? "visible" : "hidden";
  showKept(answer);
  digit.textContent = answer?.digit ?? "";
  sentence.textContent = inWords(answer);
  bars.classList.toggle("doubted", Boolean(answer?.reason));
  const likeliest = answer?.frame ? byLikelihood(answer.probabilities).slice(0, 3) : [];
  rows.forEach((row, place) => showProbability(row, answer?.frame ? answer.probabilities[place] : 0, likeliest.includes(place)));
  showFrame(answer);
  showFound(answer);
  clearTimeout(announcing);
  announcing = setTimeout(() => (announced.textContent = sentence.textContent), QUIET_MS);
}

function showFrame(answer) {
  frame.style.visibility = answer?.frame ? "visible" : "hidden";
  if (answer?.frame) frame.src = answer.frame;
  frame.alt = answer?.frame ? words.saw_picture : "";
  caption.textContent = words.saw;
  whyButton.ariaPressed = false;
}

// A photo is shown with the outline of the ink that was found, so that a wrong crop is seen.
async function showFound(answer) {
  found.hidden = !answer?.picture;
  if (!answer?.picture) return;
  const [, width, height] = await pictureOf(answer);
  const svg = found.querySelector("svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.querySelector("image").setAttribute("href", answer.picture);
  const place = ([x, y]) => `${(x * width).toFixed(1)} ${(y * height).toFixed(1)}`;
  const edges = answer.outline.map((polygon) => `M${polygon.map(place).join("L")}Z`);
  svg.querySelector("path").setAttribute("d", edges.join(""));
}

async function explain() {
  const asked = shown;
  if (whyButton.ariaPressed === "true") return showFrame(asked);
  const answer = await askServer("why", JSON.stringify(asked.frame)).catch(() => ({ code: "no_answer" }));
  if (shown !== asked) return;
  if (answer.code) {
    caption.textContent = inError(answer);
    return;
  }
  frame.src = answer.map;
  frame.alt = caption.textContent = words.because.replace("{digit}", answer.digit);
  whyButton.ariaPressed = true;
}

function showProbability(row, probability, likely) {
  const percent = Math.round(100 * probability);
  row.classList.toggle("likely", likely);
  row.querySelector(".bar").style.setProperty("--share", `${100 * probability}%`);
  row.querySelector(".percent").textContent = likely && percent ? `${percent} %` : "";
  row.ariaLabel = `${rows.indexOf(row)}: ${percent} %`;
}

function byLikelihood(probabilities) {
  return [...probabilities.keys()].sort((one, other) => probabilities[other] - probabilities[one]);
}

function inWords(answer) {
  if (!answer) return words.prompt;
  if (answer.code) return inError(answer);
  if (answer.reason === "blank") return words.blank;
  if (answer.reason === "not a digit") return words.not_a_digit;
  const [first, second] = byLikelihood(answer.probabilities);
  const hesitates = answer.probabilities[first] < HESITANT;
  return (hesitates ? words.hesitant : words.certain).replace("{digit}", first).replace("{other}", second);
}

// Only here, on a click, is anything kept, and of each answer once.
async function correct(right) {
  const asked = shown;
  choices.disabled = true;
  const picture = asked.picture ?? (await pictureOf(asked))[0].toDataURL("image/png");
  const sent = { picture, frame: asked.frame, read: asked.digit, digit: right };
  const answer = await askServer("correct", JSON.stringify(sent)).catch(() => ({ code: "not_kept" }));
  asked.kept = answer.kept;
  if (shown !== asked) return;
  showKept(asked);
  if (answer.code) kept.textContent = inError(answer);
}

function showKept(answer) {
  const right = answer?.kept;
  choices.disabled = right !== undefined;
  kept.textContent = right === undefined ? "" : words.thanks.replace("{digit}", right);
}

for (let right = 0; right < 10; right++) {
  const choice = document.createElement("button");
  Object.assign(choice, { type: "button", textContent: right });
  choice.addEventListener("click", () => correct(right));
  choices.append(choice);
}

whyButton.addEventListener("click", explain);

download.addEventListener("click", async () => {
  const link = document.createElement("a");
  link.href = (await card(shown, sentence.textContent)).toDataURL("image/png");
  link.download = `digit-${shown.digit ?? "none"}.png`;
  link.click();
});

show(props.value);
watch("value", () => show(props.value));
window.addEventListener("pad-answer", (event) => {
  // Or the same answer from a photo, given once more, would not count as a change. Gradio compares it part by part, and
  // a drawing has many.
  props.value = event.detail && { ...event.detail, drawing: undefined };
  show(event.detail);
});
