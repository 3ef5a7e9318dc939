// The messages of the page in the visitor's language, the only ones that are loaded.

// languages.json has, for each language that a browser may report, the file of its messages.
const LANGUAGES = await load("languages.json");

export function chooseLanguage(reported) {
  return LANGUAGES[reported] ?? LANGUAGES[reported.split("-")[0]] ?? "en";
}

const language = chooseLanguage(navigator.language);
const messages = await load(`messages/${language}.json`);

async function load(path) {
  const response = await fetch(new URL(path, import.meta.url));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

// Returns a message with the values filled in.
export function message(key, values = {}) {
  return messages[key].replace(/{(\w+)}/g, (_, name) => values[name]);
}

// Returns the message for an error, or the server's own sentence, in English, if its code has none.
export function errorMessage({ code, error }) {
  return messages[code] ?? error;
}

// Fills in messages: data-text is the key of an element's text, data-label that of its label for screen readers.
export function translate(element) {
  element.lang = document.documentElement.lang = language; // so that screen readers pronounce it right
  document.title = element.dataset.title = message("document_title");
  for (const named of element.querySelectorAll("[data-text]")) named.textContent = message(named.dataset.text);
  for (const named of element.querySelectorAll("[data-label]")) named.ariaLabel = message(named.dataset.label);
}
