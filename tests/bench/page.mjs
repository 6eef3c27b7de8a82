// Loads the shop as a cheap phone does: `node page.mjs ROUNDS VITRINE DATA_DIR`, started by
// `cargo xtask bench page`. Each round is a browser profile of its own, 1.6 Mbit/s down,
// 150 ms a request, a processor four times slower; medians are printed, then every round.
import { ensure, run } from '../browser/lib.mjs';
import { median } from './measure.mjs';
import { serve } from './serve.mjs';

const [rounds, vitrine, dataDir] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };
const NETWORK = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
};
const CPU = 4;
/** Longest wait for any one step, in milliseconds. */
const STEP_MS = 60_000;

/** Notes in the page when what is looked for was there, and every slow task and event. */
const watch = () => {
  const seen = (window.seen = { tasks: [], events: [] });
  const looks = {
    firstTile: '.tile:not(.skeleton)',
    firstFeed: 'html[data-ready="feed"]',
    personal: 'html[data-personal]',
    synced: 'html[data-synced="all"]',
  };
  const look = () => {
    for (const [name, selector] of Object.entries(looks)) {
      if (!(name in seen) && document.querySelector(selector)) seen[name] = performance.now();
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
  const note = (list, type, options) =>
    new PerformanceObserver((entries) => {
      for (const { startTime, duration } of entries.getEntries()) list.push([startTime, duration]);
    }).observe({ type, buffered: true, ...options });
  note(seen.tasks, 'longtask');
  note(seen.events, 'event', { durationThreshold: 16 });
};

/** Bytes off the network with the time of each, in seconds since the page was asked for. */
const bytesOf = async (client) => {
  const parts = [];
  const urls = new Map();
  let start;
  client.on('Network.requestWillBeSent', ({ requestId, request, timestamp }) => {
    start ??= timestamp;
    urls.set(requestId, request.url);
  });
  const note = ({ requestId, timestamp, encodedDataLength }) =>
    parts.push({ url: urls.get(requestId) ?? '', at: timestamp - start, n: encodedDataLength });
  client.on('Network.dataReceived', note);
  await client.send('Network.enable');
  const before = (until_ms, which) =>
    parts.filter(({ at, url }) => at * 1000 <= until_ms && which(url));
  return {
    bytes: (until_ms, which = () => true) => before(until_ms, which).reduce((s, { n }) => s + n, 0),
    /** Documents of which anything has arrived. */
    documents: (until_ms) => new Set(before(until_ms, () => true).map(({ url }) => url)).size,
  };
};

const isData = (url) => url.includes('/v1/');

const visit = async (browser, base, { viewport, cpu, network }) => {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error('page:', error));
  await page.addInitScript(watch);
  const client = await context.newCDPSession(page);
  const traffic = await bytesOf(client);
  if (network) await client.send('Network.emulateNetworkConditions', network);
  await client.send('Emulation.setCPUThrottlingRate', { rate: cpu });
  await page.goto(`${base}/?backend=cpu`, { waitUntil: 'commit' });
  return { context, page, ...traffic };
};

const until = (page, name) =>
  page.waitForFunction((name) => window.seen[name], name, { timeout: STEP_MS });

/** How long the slowest event of an action took to show, in milliseconds. */
const inpOf = async (page, act) => {
  await page.evaluate(() => (window.seen.events.length = 0));
  await act();
  // Entries come with the frame after the one that shows the answer.
  await page.waitForTimeout(600);
  return page.evaluate(() => Math.max(0, ...window.seen.events.map(([, duration]) => duration)));
};

const actions = {
  '+': (page) => page.locator('[data-testid="feed"] [data-testid="add"]').nth(1).click(),
  'why this?': async (page) => {
    await page.locator('[data-testid="feed"] [data-testid="why"]').nth(2).click();
    await page.waitForSelector('[data-testid="why-popover"][open]');
    await page.keyboard.press('Escape');
  },
  'not interested': (page) =>
    page.locator('[data-testid="feed"] [data-testid="dismiss"]').nth(5).click(),
  'open a product': async (page) => {
    await page.locator('[data-testid="feed"] [data-testid="tile"] > a').nth(2).click();
    await page.waitForSelector('[data-testid="product"]');
  },
  back: async (page) => {
    await page.goBack();
    await page.waitForSelector('[data-testid="feed"] [data-testid="tile"]');
  },
  'type a search': async (page) => {
    await page.locator('#search').click();
    await page.keyboard.type('mil', { delay: 80 });
  },
  search: async (page) => {
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-testid="search-results"] [data-testid="tile"]');
  },
  'open the basket': async (page) => {
    await page.click('[data-testid="nav-basket"]');
    await page.waitForSelector('[data-testid="basket-line"]');
  },
};

/** When a page that is still loading is used, in milliseconds. */
const EARLY_MS = 3_500;

/** Puts something into the basket, follows a link and types, before the program is there. */
const early = async (page) => {
  await page.waitForFunction((ms) => performance.now() >= ms, EARLY_MS);
  await page.locator('.tile:not(.skeleton) .add').first().click({ timeout: STEP_MS });
  await page.click('header a[href="#/basket"]');
  await page.waitForURL(/#\/basket$/);
  await page.goBack();
  await page.locator('#search').pressSequentially('choc');
};

const round = async (browser, base) => {
  const phone = await visit(browser, base, { viewport: PHONE, cpu: CPU, network: NETWORK });
  const { page, bytes, documents } = phone;
  await until(page, 'firstTile');
  const atEarly = await inpOf(page, () => early(page));
  await until(page, 'personal').catch(() => {});
  await until(page, 'synced');
  ensure((await page.inputValue('#search')) === 'choc', 'what was typed is lost');
  ensure((await page.textContent('[data-testid="basket-count"]')) === '1', 'a click is lost');
  await page.fill('#search', '');
  const seen = await page.evaluate(() => window.seen);
  const result = {
    'first tile, ms': seen.firstTile,
    'bytes before it': bytes(seen.firstTile),
    'documents before it': documents(seen.firstTile),
    [`used at ${EARLY_MS} ms, ms`]: atEarly,
    'first feed of the device, ms': seen.firstFeed,
    'personal order, ms': seen.personal ?? NaN,
    'bytes of data before it': bytes(seen.personal ?? NaN, isData),
    'everything synced, ms': seen.synced,
    'bytes in all': bytes(Infinity),
  };
  for (const [name, act] of Object.entries(actions)) {
    result[`${name}, ms`] = await inpOf(page, () => act(page));
  }
  ensure((await page.textContent('[data-testid="basket-count"]')) === '2', 'a click is lost');
  await phone.context.close();

  const desk = await visit(browser, base, { viewport: DESK, cpu: 1 });
  await until(desk.page, 'synced');
  for (const act of Object.values(actions)) await act(desk.page);
  const tasks = await desk.page.evaluate(() => window.seen.tasks.map(([, duration]) => duration));
  result['longest task on a desk, ms'] = Math.max(0, ...tasks);
  result['tasks above 50 ms on a desk'] = tasks.length;
  await desk.context.close();
  return result;
};

const measure = async (browser) => {
  const server = await serve(vitrine, dataDir);
  const results = [];
  try {
    for (let i = 0; i < rounds; i += 1) {
      results.push(await round(browser, server.base));
      console.error(`   round ${i + 1} of ${rounds}`);
    }
  } finally {
    server.close();
  }
  for (const name of Object.keys(results[0])) {
    const values = results.map((result) => result[name]);
    const whole = values.map((value) => Math.round(value));
    console.log(`${name.padEnd(34)} ${String(Math.round(median(values))).padStart(8)}   ${whole.join(' ')}`);
  }
};

await run(measure);
