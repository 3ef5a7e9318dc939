// The interface's words in the visitor's language. TEXTS is texts.json, put before this by __init__.py.

function known(languages) {
  for (const language of languages) {
    if (TEXTS[language]) return language;
    const same = Object.keys(TEXTS).find((other) => other.split("-")[0] === language.split("-")[0]);
    if (same) return same;
  }
  return "en";
}

const language = known(navigator.languages);
const words = TEXTS[language];
document.documentElement.lang = language; // so that screen readers pronounce it

// Elements name their words: data-text for what they show, data-label for what a screen reader says.
for (const named of element.querySelectorAll("[data-text]")) named.textContent = words[named.dataset.text];
for (const named of element.querySelectorAll("[data-label]")) named.ariaLabel = words[named.dataset.label];
