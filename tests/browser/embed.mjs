// A host's own page, on another origin, with the shop embedded by @vitrine/core.
// usage: node embed.mjs PACKAGES; the test answers the first step with the server's address
import { once } from 'node:events';
import http from 'node:http';

import { hostServer } from './embed/server.mjs';
import { ensure, recorder, run, say, step } from './lib.mjs';

const [packages] = process.argv.slice(2);
/** What is searched for, and what the first result says. */
const SEARCHES = { 'orange juice': /\bjuice\b/i, 'dog food': /\bdog\b/i };
const [JUICE, DOG_FOOD] = Object.keys(SEARCHES);

const open = async (context, host, query = '') => {
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') console.error('console:', message.text());
  });
  await page.goto(`${host}/${query}`);
  await page.waitForSelector('html:is([data-ready="all"], [data-ready="failed"])');
  return page;
};

const marked = (page, name) => page.evaluate((name) => document.documentElement.dataset[name], name);

const search = async (page, text) => {
  await page.fill('[name="text"]', text);
  await page.press('[name="text"]', 'Enter');
  await page.waitForSelector(`html[data-found="${text}"]`);
  const first = await page.locator('#found li button').first().textContent();
  ensure(SEARCHES[text].test(first), `the first result for ${text} is ${first}`);
};

/** Waits until so many events are recorded and the feed has been drawn with them. */
const recorded = (page, n) => page.waitForSelector(`html[data-recorded="${n}"]`);

/** What the device keeps of the shopper: entries of its stores, keys of the tab. */
const kept = (page) =>
  page.evaluate(async () => {
    const opening = indexedDB.open('vitrine');
    await new Promise((resolve, reject) => {
      opening.onsuccess = resolve;
      opening.onerror = reject;
    });
    const database = opening.result;
    const stores = ['events', 'cards', 'ledger'];
    const counts = stores.map((store) => database.transaction(store).objectStore(store).count());
    await Promise.all(counts.map((count) => new Promise((resolve) => (count.onsuccess = resolve))));
    database.close();
    const keys = Object.keys(sessionStorage).concat(Object.keys(localStorage));
    return [...counts.map((count) => count.result), keys.length];
  });

/** Asks the device alone about a card that was looked at. */
const asked = async (page, id, title) => {
  const [why, related, suggestions] = await page.evaluate(async (id) => {
    const { vitrine } = globalThis;
    return Promise.all([vitrine.why(id), vitrine.related(id), vitrine.suggest('ch')]);
  }, id);
  ensure(why.includes(`You looked at ${title} today.`), `why: ${why}`);
  ensure(related.every((card) => card.id !== id && card.reasons.length), `related: ${JSON.stringify(related)}`);
  ensure(suggestions.length && suggestions.every(({ text }) => /\bch/i.test(text)), `suggested: ${JSON.stringify(suggestions)}`);
  const pictured = suggestions.filter(({ picture }) => picture);
  const isOnDevice = ({ kind, picture }) => kind === 'product' && /^(blob:|data:image)/.test(picture);
  ensure(pictured.length && pictured.every(isOnDevice), `pictures of ${JSON.stringify(suggestions)}`);
};

/** What was asked for, each once. */
const kinds = (requests) => {
  const named = requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{64}.*/, 'HASH')}`);
  return [...new Set(named)].sort().join();
};

/** A visit with fixed searches; what the shopper does between them differs. */
const visit = async (browser, host, server, behaviour) => {
  const { base, log, close } = await recorder(server);
  host.embed(base);
  const context = await browser.newContext();
  const page = await open(context, host.origin, '?consent=given');
  const isBusy = behaviour !== 'quiet';
  await search(page, JUICE);
  if (isBusy) {
    for (const [n, place] of [3, 5, 8].entries()) {
      const tile = page.locator('#feed li').nth(place);
      const id = await tile.getAttribute('data-id');
      const title = await tile.locator('button').first().textContent();
      await tile.locator('button').first().click();
      await recorded(page, n + 1);
      await asked(page, Number(id), title);
      if (behaviour === 'leaky') {
        await page.evaluate(
          ([base, id]) => fetch(`${base}/healthz?seen=${id}`, { mode: 'no-cors' }),
          [base, id],
        );
      }
    }
    await page.locator('#found li button', { hasText: 'Add' }).first().click();
    await recorded(page, 4);
    await page.click('#buy');
    await recorded(page, 5);
    const unwanted = page.locator('#feed li').first();
    const id = await unwanted.getAttribute('data-id');
    await unwanted.locator('button', { hasText: 'Not interested' }).click();
    await page.waitForSelector(`#feed:not(:has([data-id="${id}"]))`);
  }
  await search(page, DOG_FOOD);
  const order = await marked(page, 'order');
  // A reload asks for the manifest, and not for a search that this tab was answered.
  await page.reload();
  await page.waitForSelector('html[data-ready="all"]');
  await search(page, DOG_FOOD);
  const { recorded: n_events, ledger } = await page.evaluate(() => globalThis.vitrine.profile());
  ensure(kinds(ledger) === 'GET /v1/manifest,GET /v1/shards/HASH,POST /v1/search', `the ledger has ${kinds(ledger)}`);
  await context.close();
  close();
  return { log: log(), n_events, order };
};

/** Before the shopper agrees nothing is kept; from then on it is, until it is erased. */
const consent = async (browser, host) => {
  const context = await browser.newContext();
  const page = await open(context, host.origin);
  ensure(await page.isVisible('#consent'), 'nobody is asked');
  const act = async () => {
    await page.locator('#feed li button').first().click();
    await page.locator('#feed li button', { hasText: 'Add' }).first().click();
    await page.locator('#feed li button', { hasText: 'Not interested' }).nth(1).click();
    await search(page, JUICE);
  };
  await act();
  await page.reload();
  await page.waitForSelector('html[data-ready="all"]');
  const before = [await kept(page), await marked(page, 'recorded'), await marked(page, 'order')];
  ensure(JSON.stringify(before) === '[[0,0,0,0],"0","popular"]', `before: ${JSON.stringify(before)}`);

  await page.click('#agree');
  await page.waitForSelector('#consent', { state: 'hidden' });
  const tile = page.locator('#feed li').nth(7);
  const [id, title] = [
    Number(await tile.getAttribute('data-id')),
    await tile.locator('button').first().textContent(),
  ];
  const other = await open(context, host.origin);
  await tile.locator('button').first().click();
  await recorded(page, 1);
  await recorded(other, 1);
  ensure((await marked(other, 'change')) === 'tab', 'another tab was not told');
  await page.waitForSelector('html[data-order="personal"]');
  const said = await page.evaluate(
    async (id) => [await globalThis.vitrine.why(id), JSON.parse(await globalThis.vitrine.export())],
    id,
  );
  ensure(said[0][0] === `You looked at ${title} today.`, `why: ${said[0]}`);
  ensure(said[1].events.length === 1, 'the export has no event');
  const drawn = await page.$$eval(
    '#feed img',
    (all) => all.filter((image) => image.complete && image.naturalWidth > 0).length,
  );
  ensure(drawn > 0, 'no picture is drawn');

  await page.evaluate(() => globalThis.vitrine.erase());
  await recorded(page, 0);
  await recorded(other, 0);
  await page.waitForSelector('html[data-order="popular"]');
  ensure((await kept(page))[0] === 0, 'events are left');
  await context.close();
};

/** Codes of what goes wrong. */
const failures = async (browser, host, server) => {
  const closed = http.createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const nobody = `http://127.0.0.1:${closed.address().port}`;
  await new Promise((resolve) => closed.close(resolve));
  host.embed(server, nobody);
  const context = await browser.newContext();
  const stranger = await open(context, host.stranger);
  const refused = await marked(stranger, 'error');
  const words = await stranger.textContent('#status');
  // This origin has no catalogue on the device, which would do without a server.
  const ofStart = await stranger.evaluate(async (nobody) => {
    const { init } = await import('/vitrine/index.js');
    const code = (options) => init(options).then(() => 'none', (error) => error.code);
    return {
      unreachable: await code({ server: nobody }),
      policy: await code({ server: 'https://elsewhere.example' }),
      address: await code({ server: 'search.shop.example' }),
      worker: await code({ server: location.origin, worker: '/vitrine/none.js' }),
    };
  }, nobody);
  const page = await open(context, host.origin);
  const codes = await page.evaluate(async () => {
    const { vitrine } = globalThis;
    const code = (promise) => promise.then(() => 'none', (error) => error.code);
    const codes = {
      product: await code(vitrine.record({ type: 'view_item', sku: 'none' })),
      event: await code(vitrine.record({ type: 'look', sku: 'none' })),
      nothing: await code(vitrine.record({ type: 'view_item' })),
    };
    const pending = vitrine.feed();
    vitrine.close();
    return { ...codes, pending: await code(pending), closed: await code(vitrine.feed()) };
  });
  await context.close();
  return { refused, words, ...ofStart, ...codes };
};

await run(async (browser) => {
  const host = await hostServer(packages);
  const server = await step({ origin: host.origin });
  const visits = {};
  for (const behaviour of ['quiet', 'busy', 'leaky']) {
    visits[behaviour] = await visit(browser, host, server, behaviour);
  }
  host.embed(server);
  await consent(browser, host);
  const codes = await failures(browser, host, server);
  host.close();
  say({ ...visits, codes });
});
