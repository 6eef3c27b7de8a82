// What lies in the browser about a shopper lies there sealed: another script's dump of the
// storage has no product, search or event in it; a reload, another tab and a release that wrote
// plain text lose nothing; what is deleted is gone.
// usage: node storage.mjs BASE
import { ensure, events, home, open, run, say, synced, tiles, view } from './lib.mjs';
import { dump, loseKeys, openedList, takeKeys, writePlain } from './sealed.mjs';

const [base] = process.argv.slice(2);
/** Two words that nobody else types. */
const WORDS = 'choclate wafers';
/** Events of the log that an earlier release left. */
const N_PLAIN = 10_000;
/** Most records that so many events lie in: each is decrypted by itself. */
const RECORDS_MAX = 8;

const search = async (page) => {
  await page.fill('[data-testid="search-box"]', WORDS);
  await page.press('[data-testid="search-box"]', 'Enter');
  await page.waitForSelector('[data-testid="search-results"] [data-testid="tile"]');
};

/** Fails where a dump has one of some texts. */
const sealed = (found, needles, when) => {
  for (const [store, entries] of Object.entries(found)) {
    for (const [place, text] of entries) {
      const needle = needles.find((needle) => `${place} ${text}`.includes(needle));
      ensure(!needle, `${when}: ${store} has ${needle} in ${place}`);
    }
  }
  const marks = ['vitrine-known', 'vitrine-other-prices'];
  const others = found.localStorage.filter(([key, text]) => !marks.includes(key) || text !== '');
  ensure(others.length === 0, `${when}: localStorage has ${others}`);
  const told = found.caches.filter(([place]) => /\/v1\/|[?#]/.test(place));
  ensure(told.length === 0, `${when}: the cache has ${told}`);
};

const reload = async (page) => {
  await page.reload();
  await page.waitForSelector('html[data-ready="feed"]');
};

/** Acts as a shopper; what of it must not lie open. */
const act = async (page) => {
  await search(page);
  await home(page);
  const seen = (await tiles(page)).slice(0, 2).map(({ item }) => item);
  for (const item of seen) await view(page, item);
  const before = await events(page);
  await page.locator('[data-testid="feed"] [data-testid="add"]').first().click();
  await page.waitForFunction(
    (before) => Number(document.documentElement.dataset.events) > before,
    before,
  );
  const titles = await page.$$eval('[data-testid="feed"] .tile-title', (all) =>
    all.map((title) => title.textContent),
  );
  const kinds = ['view_item', 'add_to_cart', '"at_ms"', '/v1/search', 'learns'];
  return [...seen, ...titles, ...kinds, ...WORDS.split(' ')];
};

const ofShopper = async (page) => ({
  nEvents: await events(page),
  pieces: await page.textContent('[data-testid="basket-count"]'),
  searches: await page.evaluate(async () => {
    location.hash = '#/privacy';
    const place = '[data-testid="n-searches"]';
    while (!document.querySelector(place)) await new Promise(requestAnimationFrame);
    return document.querySelector(place).textContent;
  }),
});

const sealedAndKept = async (browser) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, base, 'cpu');
  await synced(page);
  const needles = await act(page);
  sealed(await page.evaluate(dump), needles, 'after use');
  const opened = (await page.evaluate(openedList, 'events')).values.join('\n');
  ensure(opened.includes('add_to_cart'), 'the dump looks in the wrong place');
  const taken = await page.evaluate(takeKeys);
  ensure(taken.every((word) => word === 'InvalidAccessError'), `the keys: ${taken}`);
  const before = await ofShopper(page);
  await home(page);
  await reload(page);
  const after = await ofShopper(page);
  ensure(JSON.stringify(after) === JSON.stringify(before), `${JSON.stringify([before, after])}`);
  await page.click('[data-testid="delete"]');
  await page.click('[data-testid="delete-confirm"]');
  await page.waitForSelector('[data-testid="stored"][data-events="0"]');
  const left = await page.evaluate(dump);
  sealed(left, needles, 'after deleting');
  ensure(left.localStorage.length === 0, `a mark is left: ${left.localStorage}`);
  ensure(left.sessionStorage.length === 0, `a text is left: ${left.sessionStorage}`);
  const stores = left.indexedDB.filter(([place]) => /^(events|cards)/.test(place));
  ensure(stores.length === 0, `${stores.length} records are left`);
  await context.close();
};

/** Two tabs that start at once on a new device have the same keys. */
const twoTabs = async (browser) => {
  const context = await browser.newContext();
  const pages = await Promise.all([context.newPage(), context.newPage()]);
  await Promise.all(pages.map((page) => open(page, base, 'cpu')));
  await Promise.all(pages.map(synced));
  const [first, second] = (await tiles(pages[0])).map(({ item }) => item);
  await view(pages[0], first);
  await view(pages[1], second);
  for (const page of pages) {
    await reload(page);
    ensure((await events(page)) === 2, `${await events(page)} events of two tabs`);
  }
  await context.close();
};

/** What the privacy page says of records that it cannot read. */
const unreadable = async (page) => {
  await page.evaluate(() => (location.hash = '#/privacy'));
  await page.waitForSelector('[data-testid="stored"]');
  return page.textContent('[data-testid="unreadable"]');
};

/** Keys that cannot be used for a while lose nothing, and the page does not take it for a loss. */
const notNow = async (browser) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, base, 'cpu');
  await synced(page);
  await view(page, (await tiles(page))[0].item);
  const locked = await context.newPage();
  await locked.addInitScript(() => {
    SubtleCrypto.prototype.decrypt = () => Promise.reject(new DOMException('', 'OperationError'));
  });
  await open(locked, base, 'cpu');
  ensure((await events(locked)) === 0, 'events that cannot be opened now are shown');
  ensure((await unreadable(locked)) === '', 'what may be opened later is called lost');
  await locked.close();
  await reload(page);
  ensure((await events(page)) === 1, 'the events were deleted');
  await context.close();
};

/** A database in plain text is sealed at the first visit; a lost key is a clear state. */
const takenOver = async (browser) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const plain = { item: '00000000deadbeef', kind: 'view_item' };
  const log = Array.from({ length: N_PLAIN }, (_, n) => ({ ...plain, at_ms: 1.7e12 + n }));
  await page.goto(`${base}/v1/manifest`);
  await page.evaluate(writePlain, {
    events: log,
    settings: { paused: true, backend: 'cpu' },
    searches: [WORDS],
  });
  await open(page, base, 'cpu');
  ensure((await events(page)) === N_PLAIN, `${await events(page)} events were taken over`);
  const needles = [plain.item, plain.kind, ...WORDS.split(' '), 'paused'];
  sealed(await page.evaluate(dump), needles, 'taken over');
  const { values, nRecords, openMs } = await page.evaluate(openedList, 'events');
  const same = values.every((value, n) => JSON.parse(value).at_ms === log[n].at_ms);
  ensure(values.length === N_PLAIN && same, 'the order of the log has changed');
  ensure(nRecords <= RECORDS_MAX, `${N_PLAIN} events lie in ${nRecords} records`);
  await reload(page);
  ensure((await events(page)) === N_PLAIN, 'a reload lost events');
  await page.evaluate(() => (location.hash = '#/privacy'));
  await page.waitForSelector('[data-testid="pause"][aria-pressed="true"]');
  await page.waitForFunction(
    () => document.querySelector('[data-testid="n-searches"]')?.textContent === '1',
  );
  await page.evaluate(loseKeys);
  await page.evaluate(() => (location.hash = '#/'));
  await reload(page);
  ensure((await events(page)) === 0, 'events without a key');
  const said = await unreadable(page);
  // Those of the log, and of the requests made.
  ensure(parseInt(said, 10) >= N_PLAIN, `what is lost is not said: ${said}`);
  await page.click('[data-testid="delete"]');
  await page.click('[data-testid="delete-confirm"]');
  await page.waitForFunction(
    () => document.querySelector('[data-testid="unreadable"]')?.textContent === '',
  );
  const left = await page.evaluate(dump);
  ensure(!left.indexedDB.some(([place]) => place.startsWith('events')), 'they are not deleted');
  await context.close();
  return { nRecords, openMs: Math.round(openMs) };
};

await run(async (browser) => {
  await sealedAndKept(browser);
  await twoTabs(browser);
  await notNow(browser);
  say(await takenOver(browser));
});
