// The storage of the shop as another script of its origin finds it. Each function runs in the
// page, and so has all that it needs within.

/**
 * The values of a list, opened with the keys of the page, oldest first, and how many records
 * they lie in, and how long it took to read and decrypt them: what a script can do that runs
 * where the keys are.
 */
export const openedList = async (store) => {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open('vitrine'));
  const started = performance.now();
  const records = await done(database.transaction(store).objectStore(store).getAll());
  const { seal } = await done(database.transaction('keys').objectStore('keys').get('pair'));
  database.close();
  const open = async (record) => {
    const [header, nonce, sealed] = [record.slice(0, 5), record.slice(5, 17), record.slice(17)];
    const label = new Uint8Array([...header, ...new TextEncoder().encode(`${store}\0`)]);
    const kind = { name: 'AES-GCM', iv: nonce, additionalData: label };
    const plain = await crypto.subtle.decrypt(kind, seal, sealed);
    const [view, values] = [new DataView(plain), []];
    for (let at = 0; at < plain.byteLength; ) {
      const length = view.getUint32(at, true);
      values.push(new TextDecoder().decode(plain.slice(at + 4, at + 4 + length)));
      at += 4 + length;
    }
    return values;
  };
  const values = (await Promise.all(records.map(open))).flat();
  return { values, nRecords: records.length, openMs: performance.now() - started };
};

/** All that lies open in the browser but the public catalogue: places and what is there. */
export const dump = async () => {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const text = (value) =>
    value instanceof Uint8Array ? new TextDecoder().decode(value) : JSON.stringify(value);
  const found = { indexedDB: [], sessionStorage: [], localStorage: [], caches: [] };
  for (const { name, version } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name, version));
    for (const store of database.objectStoreNames) {
      if (store === 'shards') continue;
      const transaction = database.transaction(store);
      const keys = await done(transaction.objectStore(store).getAllKeys());
      const values = await done(database.transaction(store).objectStore(store).getAll());
      keys.forEach((key, n) => found.indexedDB.push([`${store} ${key}`, text(values[n])]));
    }
    database.close();
  }
  found.sessionStorage = Object.entries({ ...sessionStorage });
  found.localStorage = Object.entries({ ...localStorage });
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const { url, method } of await cache.keys()) found.caches.push([`${method} ${url}`, '']);
  }
  return found;
};

/** What an attempt to take the keys away ends with, one word a key. */
export const takeKeys = async () => {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open('vitrine'));
  const pair = await done(database.transaction('keys').objectStore('keys').get('pair'));
  database.close();
  const taken = (key) =>
    crypto.subtle.exportKey('raw', key).then(() => 'taken', (error) => error.name);
  return [await taken(pair.seal), await taken(pair.names)];
};

/** A database as the releases before encryption wrote it. */
export const writePlain = async ({ events, settings, searches }) => {
  const request = indexedDB.open('vitrine', 1);
  request.onupgradeneeded = () => {
    for (const store of ['shards', 'meta', 'events', 'cards', 'ledger']) {
      const autoIncrement = ['events', 'ledger'].includes(store);
      request.result.createObjectStore(store, { autoIncrement });
    }
  };
  await new Promise((resolve, reject) => {
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  });
  const database = request.result;
  const bytes = (value) => new TextEncoder().encode(JSON.stringify(value));
  const transaction = database.transaction(['meta', 'events'], 'readwrite');
  const meta = transaction.objectStore('meta');
  meta.put(bytes(settings), 'settings');
  meta.put(bytes(searches), 'recent-searches');
  for (const event of events) transaction.objectStore('events').add(bytes(event));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  database.close();
};

/** Loses the keys, as a browser that is cleared in part does. */
export const loseKeys = async () => {
  const request = indexedDB.open('vitrine');
  await new Promise((resolve) => (request.onsuccess = resolve));
  const transaction = request.result.transaction('keys', 'readwrite');
  transaction.objectStore('keys').clear();
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  request.result.close();
};
