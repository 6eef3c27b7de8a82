// The page's side of @vitrine/core: starts the worker, sends it calls, hears of changes.
// Types and what each call does: index.d.ts.

// Begins the keys of what this tab keeps in sessionStorage, beside the host's own.
const KEPT_PREFIX = 'vitrine-tab-';

/** What could not be done: a stable `code`, and a message that says what to do next. */
export class VitrineError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'VitrineError';
    this.code = code;
  }
}

/** The tab's sessionStorage; null where the browser refuses it. */
const storage = () => {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
};

const keptTexts = () => {
  const store = storage();
  const keys = store ? Object.keys(store).filter((key) => key.startsWith(KEPT_PREFIX)) : [];
  return Object.fromEntries(
    keys.map((key) => [key.slice(KEPT_PREFIX.length), store.getItem(key)]),
  );
};

const keepText = ({ key, text }) => {
  try {
    if (text === undefined) storage()?.removeItem(KEPT_PREFIX + key);
    else storage()?.setItem(KEPT_PREFIX + key, text);
  } catch {
    // No room: the worker has it as long as this page lives.
  }
};

/** The origin of the server, which has to be written as an address. */
const originOf = (server) => {
  try {
    const { protocol, origin } = new URL(server);
    if (protocol === 'https:' || protocol === 'http:') return origin;
  } catch {
    // Said below.
  }
  throw new VitrineError(
    'bad_request',
    `init needs the address of the Vitrine server, as in { server: "https://search.shop.example" }; got ${JSON.stringify(server)}`,
  );
};

const CONSENTS = ['required', 'given'];

const startOptions = ({ server, consent = 'required', priceList, language }) => {
  if (!CONSENTS.includes(consent)) {
    throw new VitrineError(
      'bad_request',
      `consent is "required" or "given", not ${JSON.stringify(consent)}`,
    );
  }
  const asksConsent = consent === 'required';
  // Numbers and days are written as this region of the language does.
  const locales = [...(globalThis.navigator?.languages ?? [])];
  return { server: originOf(server), asksConsent, priceList, language, locales, kept: keptTexts() };
};

const workerFailed = (reason) =>
  new VitrineError(
    'worker_failed',
    `the worker of @vitrine/core did not start or has ended (${reason || 'no reason is given'}): serve worker.js, engine.js and engine_bg.wasm from the page's own origin, and allow worker-src 'self' and script-src 'self' 'wasm-unsafe-eval' in the Content-Security-Policy of the page and of these files`,
  );

const startWorker = (worker) => {
  if (typeof Worker === 'undefined') {
    throw new VitrineError(
      'no_worker',
      'there are no workers here: call init in a browser, not while a page is rendered on a server',
    );
  }
  try {
    // Written out, so that bundlers find the file.
    if (worker === undefined) {
      return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    }
    return new Worker(worker, { type: 'module' });
  } catch (error) {
    throw workerFailed(error.message);
  }
};

/** The worker behind calls that are promises, and what it tells unasked. */
class Connection {
  #worker;
  #pending = new Map();
  #listeners = { change: new Set(), error: new Set() };
  #nextId = 1;
  #closed = null;
  #wake = () => {
    if (document.visibilityState === 'visible') this.#worker.postMessage({ wake: true });
  };

  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#fail(workerFailed(event.message));
    };
    globalThis.document?.addEventListener('visibilitychange', this.#wake);
  }

  #hear({ id, result, error, event, detail, kept }) {
    if (kept) return keepText(kept);
    if (event) return this.#emit(event, event === 'error' ? this.#errorOf(detail) : detail);
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) call?.reject(this.#errorOf(error));
    else call?.resolve(result ?? undefined);
  }

  #errorOf({ code, message }) {
    return new VitrineError(code, message);
  }

  #emit(type, detail) {
    for (const listener of [...this.#listeners[type]]) {
      try {
        listener(detail);
      } catch (error) {
        // A listener's own fault is the page's to see, and keeps nobody else from hearing.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }

  #fail(error) {
    if (this.#closed) return;
    this.#closed = error;
    this.#worker.terminate();
    globalThis.document?.removeEventListener('visibilitychange', this.#wake);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    if (error.code !== 'closed') this.#emit('error', error);
  }

  call(method, params = {}) {
    if (this.#closed) return Promise.reject(this.#closed);
    let plain;
    try {
      // As the worker has it in the end; what frameworks wrap cannot be posted as it is.
      plain = JSON.parse(JSON.stringify(params));
    } catch (error) {
      const message = `what is passed to ${method} must be plain data (${error.message})`;
      return Promise.reject(new VitrineError('bad_request', message));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, params: plain });
    });
  }

  on(type, listener) {
    const listeners = this.#listeners[type];
    if (!listeners) {
      throw new VitrineError('bad_request', `there is no event "${type}": "change" and "error"`);
    }
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  close() {
    this.#fail(
      new VitrineError('closed', 'this Vitrine was closed: call init for another one'),
    );
  }
}

/** What names a product: the number of its card, or that or a sku within an object. */
const named = (product) =>
  product !== null && typeof product === 'object'
    ? { id: product.id, sku: product.sku }
    : { id: product };

/** Starts Vitrine; resolves once a feed can be shown. */
export const init = async (options) => {
  const start = startOptions(options ?? {});
  const connection = new Connection(startWorker(options.worker));
  try {
    await connection.call('start', start);
  } catch (error) {
    connection.close();
    throw error;
  }
  const call = (method, params) => connection.call(method, params);
  return Object.freeze({
    record: (event) => call('record', event),
    feed: ({ limit } = {}) => call('feed', { limit }),
    search: (query, { filters, page, limit, order } = {}) =>
      call('search', { query, filters, page, limit, order }),
    suggest: (text, { limit } = {}) => call('suggest', { text, limit }),
    related: (product, { limit } = {}) => call('related', { ...named(product), limit }),
    why: (product) => call('why', named(product)),
    profile: () => call('profile'),
    setConsent: (granted) => call('set_consent', { granted: granted === true }),
    consent: () => call('consent'),
    export: () => call('export'),
    erase: () => call('erase'),
    synced: () => call('synced'),
    on: (type, listener) => connection.on(type, listener),
    close: () => connection.close(),
  });
};
