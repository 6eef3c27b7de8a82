// The worker of @vitrine/core: the engine and its sync. Calls may overlap.
import load, { WorkerEngine } from './engine.js';

// How often the manifest is asked for, whatever the shopper does.
const SYNC_INTERVAL_MS = 60_000;
// Calls after which the page may show something else, and the reason it is told.
const CHANGES = { record: 'event', set_consent: 'consent', erase: 'erase' };

let engine = null;
let server = '';
// The sync that is under way, or the last one; never rejects.
let syncing = Promise.resolve();
// The last failure that the page was told of.
let toldCode = null;
// The directive of the page's policy that has stopped a request of this worker.
let violated = null;

addEventListener('securitypolicyviolation', (event) => {
  violated = event.effectiveDirective;
});

const tell = (event, detail) => postMessage({ event, detail });
const changed = (reason) => tell('change', { reason });

/** What the engine threw: JSON with a code, or a fault of the engine itself. */
const errorOf = (thrown) => {
  if (typeof thrown === 'string') return JSON.parse(thrown);
  return {
    code: 'internal',
    message: `the engine of @vitrine/core has failed (${thrown?.message ?? thrown}): load the page again`,
  };
};

/**
 * Why the server could not be reached. A browser does not say; but /healthz may be asked for from
 * anywhere, though its answer cannot be read. It is asked once, when a page starts and fails.
 */
const diagnosed = async (error) => {
  if (error.code !== 'server_unreachable') return error;
  if (violated) {
    return {
      code: 'policy_refused',
      message: `the Content-Security-Policy of the page or of worker.js does not allow requests to ${server}: add it to ${violated}`,
    };
  }
  try {
    await fetch(`${server}/healthz`, {
      mode: 'no-cors',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
    });
  } catch {
    return {
      code: 'server_unreachable',
      message: `the Vitrine server at ${server} cannot be reached: is it running, and is this its address?`,
    };
  }
  return {
    code: 'origin_refused',
    message: `the Vitrine server at ${server} does not answer pages of ${location.origin}: start it with --embed-origin ${location.origin}, or add that to origins in its [embed] settings`,
  };
};

const failed = (thrown) => {
  const error = errorOf(thrown);
  if (error.code !== toldCode) tell('error', error);
  toldCode = error.code;
};

const rest = async () => {
  if (await engine.syncRest()) changed('sync');
  toldCode = null;
};

const sync = async () => {
  try {
    if (await engine.syncHead()) changed('sync');
    await rest();
  } catch (thrown) {
    failed(thrown);
  }
};

const loadEngine = async () => {
  try {
    await load();
  } catch (error) {
    const message = `engine_bg.wasm could not be loaded (${error.message}): serve it beside worker.js as application/wasm, and allow 'wasm-unsafe-eval' in script-src of the Content-Security-Policy that worker.js is served with`;
    throw JSON.stringify({ code: 'worker_failed', message });
  }
};

const start = async (options) => {
  await loadEngine();
  server = options.server;
  const keep = (key, text) => postMessage({ kept: { key, text } });
  engine = await WorkerEngine.open(JSON.stringify(options), keep, () => changed('tab'));
  if (engine.hasCatalogue()) {
    // A feed can be shown at once, without a server too.
    syncing = sync();
  } else {
    try {
      await engine.syncHead();
    } catch (thrown) {
      throw JSON.stringify(await diagnosed(errorOf(thrown)));
    }
    syncing = rest().catch(failed);
  }
  setInterval(() => {
    syncing = syncing.then(sync);
  }, SYNC_INTERVAL_MS);
};

const answer = async (method, params) => {
  if (method === 'start') return start(params);
  if (method === 'synced') return syncing;
  const call = JSON.stringify({ method, params });
  try {
    return JSON.parse(await engine.call(call));
  } catch (thrown) {
    if (errorOf(thrown).code !== 'unknown_product') throw thrown;
  }
  // It may come with the rest of the catalogue. The sync is waited for, never begun: that would
  // tell when the shopper did something.
  await syncing;
  return JSON.parse(await engine.call(call));
};

addEventListener('message', async ({ data }) => {
  const { id, method, params, wake } = data;
  if (wake) return engine?.wake();
  try {
    postMessage({ id, result: await answer(method, params) });
    if (CHANGES[method]) changed(CHANGES[method]);
  } catch (thrown) {
    postMessage({ id, error: errorOf(thrown) });
  }
});
