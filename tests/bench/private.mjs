// Times searches that the device answers: `node private.mjs ROUNDS VITRINE DATA_DIR`, started by
// `cargo xtask bench private`. Two words of titles that the shop shows are asked for, each once a
// round, in WebAssembly on a desktop; what is timed is a whole answer of the session, understanding,
// finding, counting and the personal order, without drawing.
import { ensure, run } from '../browser/lib.mjs';
import { median } from './measure.mjs';
import { serve } from './serve.mjs';

const [rounds, vitrine, dataDir] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
/** Longest wait for everything to be synced, in milliseconds. */
const SYNC_MS = 90_000;
const N_SEARCHES = 30;
/** Searches before any is timed: WebAssembly is optimised by then. */
const N_WARM_UP = 10;

const quantile = (values, part) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

/** Searches in private from here on, by meaning. */
const inPrivate = async (page) => {
  await page.evaluate(() => (location.hash = '#/privacy'));
  await page.click('[data-testid="private-search"]');
  const meaning = '[data-testid="private-search"][data-meaning="true"]';
  const there = await page.waitForSelector(meaning, { timeout: 15_000 }).catch(() => null);
  ensure(there, 'the shop has no codes for searches by meaning: import it with private_search = true');
};

const words = async (page) => {
  const titles = await page.$$eval('[data-testid="tile"] .tile-title', (all) =>
    all.map((title) => title.textContent),
  );
  const twos = titles.map((title) => title.split(/[^\p{L}\p{N}]+/u).filter(Boolean).slice(0, 2));
  return [...new Set(twos.map((two) => two.join(' ').toLowerCase()))].slice(0, N_SEARCHES);
};

/** The answer's milliseconds and how many it found. */
const search = async (page, query) => {
  await page.evaluate((query) => {
    document.documentElement.removeAttribute('data-search-ms');
    location.hash = `#/search?q=${encodeURIComponent(query)}`;
  }, query);
  await page.waitForSelector('html[data-search-ms]');
  return Number(await page.getAttribute('html', 'data-search-ms'));
};

await run(async (browser) => {
  const server = await serve(vitrine, dataDir);
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(`${server.base}/?backend=cpu`);
    await page.waitForSelector('html[data-synced="all"]', { timeout: SYNC_MS });
    await page.waitForSelector('html[data-ready="feed"]');
    const queries = await words(page);
    ensure(queries.length >= 10, `the shop shows ${queries.length} titles`);
    await inPrivate(page);
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    for (const query of queries.slice(0, N_WARM_UP)) await search(page, query);
    const times = [];
    for (let i = 0; i < rounds; i += 1) {
      for (const query of queries) times.push(await search(page, query));
    }
    const sent = asked.filter((url) => url.includes('/v1/search')).length;
    ensure(sent === 0, `${sent} searches were sent`);
    const [p50, p99] = [median(times), quantile(times, 0.99)];
    console.log(`searches in private: ${times.length}, ${queries.length} different ones`);
    console.log(`ms of an answer without drawing: median ${p50.toFixed(1)}, 99th percentile ${p99.toFixed(1)}`);
  } finally {
    server.close();
  }
});
