// Mounts the page's title and what the page is for.

import { translate } from "./messages.js";

export default function mount({ element }) {
  translate(element);
}
