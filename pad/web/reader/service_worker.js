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

self.addEventListener("message", () => self.skipWaiting());

// What a page is while its new version takes over: an old worker that had to answer for it could not end.
const TAKEOVER = `<!doctype html><script>
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
  navigator.serviceWorker.getRegistration().then(({ waiting }) => {
    if (waiting) waiting.postMessage("activate");
    else location.reload();
  });
</script>`;

self.addEventListener("fetch", (event) => event.respondWith(respond(event.request)));

// A page has all its files from one version: a new one waits until the last page of the old one is left or reloaded.
async function respond(request) {
  if (request.mode === "navigate" && self.registration.waiting && (await self.clients.matchAll()).length < 2) {
    return new Response(TAKEOVER, { headers: { "content-type": "text/html" } });
  }
  const kept = await caches.match(request, { cacheName: CACHE, ignoreSearch: true });
  return kept ?? fetch(request);
}
