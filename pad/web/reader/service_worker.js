// Keeps all files of one version of the site, so that it works offline. `python -m pad.site` puts in front of this what
// VERSION is, and the paths of its FILES.
/* global VERSION, FILES */

const SITE = `${self.registration.scope} `; // other sites of the same origin have caches, too
const CACHE = SITE + VERSION;

self.addEventListener("install", (event) => {
  const requests = FILES.map((path) => new Request(path, { cache: "no-cache" })); // not an older version's
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

self.addEventListener("activate", (event) => {
  const removal = caches.keys().then((names) => {
    const old = names.filter((name) => name.startsWith(SITE) && name !== CACHE);
    return Promise.all(old.map((name) => caches.delete(name)));
  });
  event.waitUntil(Promise.all([removal, self.clients.claim()]));
});

self.addEventListener("fetch", (event) => event.respondWith(respond(event.request)));

// A page has all its files from one version. A new one waits until the last page of the old one is left or reloaded. Then
// the old one's files are deleted, and its worker answers with the new one's: browsers would end it only once there is no
// page at all.
async function respond(request) {
  const { waiting } = self.registration;
  if (request.mode === "navigate" && waiting && (await self.clients.matchAll()).length < 2) await caches.delete(CACHE);
  const names = (await caches.keys()).filter((name) => name.startsWith(SITE));
  const cacheName = names.includes(CACHE) ? CACHE : names.at(-1);
  const kept = await caches.match(request, { cacheName, ignoreSearch: true });
  return kept ?? fetch(request);
}
