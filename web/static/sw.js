// Caches the whole site of one build, so that it works offline. `cargo xtask finish-site` prepends
// VERSION and FILES. A new build waits until the user accepts it: see boot.js.
const CACHE = `hpa-playground-${VERSION}`;

addEventListener('install', event => {
  event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(FILES.map(file => new Request(file, { cache: 'no-cache' })))));
});

addEventListener('activate', event => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith('hpa-playground-') && name !== CACHE) await caches.delete(name);
    }
    await clients.claim();
  })());
});

addEventListener('message', event => {
  if (event.data === 'take over') skipWaiting();
});

addEventListener('fetch', event => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || !url.href.startsWith(registration.scope)) return;
  const page = request.mode === 'navigate' && (url.pathname === new URL(registration.scope).pathname || url.pathname.endsWith('/index.html'));
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    return await cache.match(page ? 'index.html' : request, { ignoreSearch: true }) ?? fetch(request);
  })());
});
