// A host's own page, on another origin, with the shop embedded by @vitrine/core.
// usage: node embed.mjs PACKAGES; the test answers the first step with the server's address
import { once } from 'node:events';
import http from 'node:http';

import { hostServer } from './embed/server.mjs';
import { ensure, recorder, run, say, step } from './lib.mjs';

const [packages] = process.argv.slice(2);
const SEARCHES = ['orange juice', 'dog food'];

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
  ensure(await page.locator('#found li').count(), `nothing is found for ${text}`);
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

/** A visit with fixed searches; what the shopper does between them differs. */
const visit = async (browser, host, server, behaviour) => {
  const { base, log, close } = await recorder(server);
  host.embed(base);
  const context = await browser.newContext();
  const page = await open(context, host.origin, '?consent=given');
  const isBusy = behaviour !== 'quiet';
  await search(page, SEARCHES[0]);
  if (isBusy) {
    for (const [n, place] of [3, 5, 8].entries()) {
      const tile = page.locator('#feed li').nth(place);
      const id = await tile.getAttribute('data-id');
      await tile.locator('button').first().click();
      await recorded(page, n + 1);
      const said = await page.evaluate(async (id) => {
        const { vitrine } = globalThis;
        const lists = [await vitrine.why(id), await vitrine.related(id), await vitrine.suggest('ch')];
        return lists.map((list) => list.length);
      }, Number(id));
      ensure(said[0] > 0 && said[2] > 0, `why, related and suggest gave ${said}`);
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
  await search(page, SEARCHES[1]);
  const order = await marked(page, 'order');
  // A reload asks for the manifest, and not for a search that this tab was answered.
  await page.reload();
  await page.waitForSelector('html[data-ready="all"]');
  await search(page, SEARCHES[1]);
  const { recorded: n_events, ledger } = await page.evaluate(() => globalThis.vitrine.profile());
  ensure(ledger.length > 0 && ledger.every(({ path }) => path.startsWith('/v1/')), 'the ledger');
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
    await search(page, SEARCHES[0]);
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
  const page = await open(context, host.origin);
  const codes = await page.evaluate(async (nobody) => {
    const { init } = await import('/vitrine/index.js');
    const { vitrine } = globalThis;
    const code = (promise) => promise.then(() => 'none', (error) => error.code);
    const codes = {
      unreachable: await code(init({ server: nobody })),
      policy: await code(init({ server: 'http://127.0.0.1:9' })),
      address: await code(init({ server: 'search.shop.example' })),
      worker: await code(init({ server: location.origin, worker: '/vitrine/none.js' })),
      product: await code(vitrine.record({ type: 'view_item', sku: 'none' })),
      event: await code(vitrine.record({ type: 'look', sku: 'none' })),
      nothing: await code(vitrine.record({ type: 'view_item' })),
    };
    const pending = vitrine.feed();
    vitrine.close();
    return { ...codes, pending: await code(pending), closed: await code(vitrine.feed()) };
  }, nobody);
  await context.close();
  return { refused, words, ...codes };
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
