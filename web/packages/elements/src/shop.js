// The one shop of a page: its settings, and the engine that all elements share.
import { languageOf } from './words.js';

/** What is wrong with how the elements are used; `message` says what to do next. */
export class ElementsError extends Error {
  constructor(code, message, cause) {
    super(message, { cause });
    this.name = 'ElementsError';
    this.code = code;
  }
}

let settings;
let running;
const waiting = [];

/**
 * Tells all elements which shop they show. A second call changes words, links and basket of what is drawn
 * from then on; one with another server is refused.
 */
export function configure(options) {
  if (!options?.server && !options?.shop) {
    throw new ElementsError('no_server', 'configure() needs `server`, the origin of the Vitrine server.');
  }
  if (settings && settings.server !== options.server) {
    throw new ElementsError(
      'other_server',
      `This page shows ${settings.server} already; a page has one shop. Call configure() once.`,
    );
  }
  settings = { basket: false, ...options, words: options.words ?? {}, locale: options.locale || undefined };
  waiting.splice(0).forEach((go) => go());
}

/** The settings in force; before `configure()` none. */
export const current = () => settings ?? { words: {}, basket: false };

/** Resolves once `configure()` was called. */
export const configured = () =>
  settings ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));

/** The engine, started at the first call, and again at the next one after a failure. */
export async function engine() {
  await configured();
  running ??= start(settings).catch((error) => {
    running = undefined;
    throw error;
  });
  return running;
}

async function start({ shop, init, core, server, consent, priceList, worker }) {
  if (shop) return typeof shop === 'function' ? shop() : shop;
  const begin = init ?? (await imported(core ?? besideUs()));
  const language = languageOf(document.documentElement);
  return begin({ server, consent, priceList, worker, language });
}

async function imported(address) {
  try {
    const module = await import(/* @vite-ignore */ /* webpackIgnore: true */ address);
    return module.init;
  } catch (error) {
    const what = `@vitrine/core could not be loaded from ${address}`;
    throw new ElementsError('no_core', `${what}: pass its address as \`core\`, or its \`init\`.`, error);
  }
}

/** Where the core lies when both packages are served as they are, side by side. */
function besideUs() {
  const here = new URL(import.meta.url);
  const core = here.pathname.replace(/elements\/src\/shop\.js$/, 'core/index.js');
  if (core === here.pathname) {
    throw new ElementsError('no_core', 'Bundled elements need `init` of @vitrine/core: configure({ init, server }).');
  }
  here.pathname = core;
  return here.href;
}
