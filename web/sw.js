// Keeps the app shell (page, script, wasm, styles, icons) so that a reload
// works without a network. It knows nothing of the shopper or the catalogue:
// /v1/* and the first tiles always go straight to the network, shards live in IndexedDB.
// Where a product has an address of its own, whoever comes by it gets the page without asking the
// server for that address, and the page's program shows the product.
//
// A shell is one cache named after the hash of its index page; the page itself
// says which files belong to it, so no build step writes a list. A changed
// page makes a new cache, and the old ones go once the new one is complete.

const PREFIX = 'vitrine-shell-v1-';
const PAGE = '/';
const PAGE_PATHS = ['/', '/index.html'];
const FRONT = '/front.html';
const PRODUCT = /^\/p\/[0-9a-f]{16}(?:-|$)/;
const SHELVES = '/c/';
const NAVIGATION_TIMEOUT_MS = 2500;
const ASSET = /["'](\/[^"'?#\s]+\.(?:js|wasm|css|svg|webmanifest))["']/g;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(fetch(PAGE, { cache: 'no-cache' }).then(keepShell));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith('/v1/') || url.pathname === FRONT) return;
  if (request.mode === 'navigate') {
    if (PAGE_PATHS.includes(url.pathname)) event.respondWith(page(event, event.request));
    else if (PRODUCT.test(url.pathname)) event.respondWith(page(event, PAGE));
    else if (url.pathname.startsWith(SHELVES)) event.respondWith(shelf(event.request));
    return;
  }
  event.respondWith(asset(request));
});

// The network first, so that a new release is seen at once; the kept page when
// the network fails or dawdles.
async function page(event, request) {
  const fromNetwork = fetch(request).then((response) => {
    if (!response.ok) throw new Error(`status ${response.status}`);
    event.waitUntil(keepShell(response.clone()).catch(() => {}));
    return response;
  });
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('timeout')), NAVIGATION_TIMEOUT_MS);
  });
  try {
    return await Promise.race([fromNetwork, late]);
  } catch {
    fromNetwork.catch(() => {});
    return (await caches.match(PAGE)) ?? fromNetwork;
  }
}

// A category's page names it to the server, as opening it in the program does. Without a
// network the kept page looks for its words on the device.
async function shelf(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (!kept) throw error;
    return kept;
  }
}

// Scripts and styles carry a hash in their names, so the kept copy is always
// right; an icon may lag one release behind.
async function asset(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

// Fills a new cache with the page and every file it names, then drops the
// others. A failure half-way leaves the previous shell in place.
async function keepShell(response) {
  if (!response.ok) throw new Error(`status ${response.status}`);
  const html = await response.clone().text();
  const name = PREFIX + (await digest(html));
  const cache = await caches.open(name);
  if (!(await cache.match(PAGE))) {
    await cache.addAll([...new Set([...html.matchAll(ASSET)].map((match) => match[1]))]);
    // Last, so that a shell that has its page is complete.
    await cache.put(PAGE, new Response(html, { headers: response.headers }));
  }
  const others = (await caches.keys()).filter((key) => key.startsWith('vitrine-') && key !== name);
  await Promise.all(others.map((key) => caches.delete(key)));
}

async function digest(text) {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].slice(0, 8).map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
