// The interface's words in the visitor's language. TEXTS is texts.json, put before this by __init__.py.

// As Gradio chooses for its own parts, or the page would be in two languages. It knows two kinds of Chinese, we one.
const asked = navigator.language === "zh-TW" ? "zh-CN" : navigator.language;
const language = [asked, asked.split("-")[0]].find((each) => TEXTS[each]) ?? "en";
const words = TEXTS[language];
document.documentElement.lang = language; // so that screen readers pronounce it

// Elements name their words: data-text for what they show, data-label for what a screen reader says.
for (const named of element.querySelectorAll("[data-text]")) named.textContent = words[named.dataset.text];
for (const named of element.querySelectorAll("[data-label]")) named.ariaLabel = words[named.dataset.label];
