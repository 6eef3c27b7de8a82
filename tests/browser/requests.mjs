// The requests of a session with given behaviour but fixed searches.
// usage: node requests.mjs BASE quiet|busy|leaky
// `leaky` plants a leak: a request that names the item that was opened.
import { events, home, open, recorder, run, say, shellKept, synced, tiles, view } from './lib.mjs';

const [server, behaviour] = process.argv.slice(2);
const SEARCHES = ['orange juice', 'dog food'];

const search = async (page, text) => {
  await page.fill('[data-testid="search-box"]', text);
  await page.press('[data-testid="search-box"]', 'Enter');
  await page.waitForSelector('[data-testid="search-results"] [data-testid="tile"]');
};

await run(async (browser) => {
  const { base, log, close } = await recorder(server);
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, base, 'cpu');
  await synced(page);
  const all = await tiles(page);
  const acts = behaviour === 'quiet' ? [] : all.slice(5, 9).map((tile) => tile.item);

  for (const item of acts) {
    await view(page, item);
    if (behaviour === 'leaky') {
      await page.evaluate((item) => fetch(`/healthz?seen=${item}`), item);
    }
  }
  await search(page, SEARCHES[0]);
  if (acts.length) {
    // A product of the results, its related items, the basket, a purchase.
    await page.click('[data-testid="search-results"] [data-testid="tile"] a');
    await page.waitForSelector('[data-testid="product"]');
    await page.click('[data-testid="add-to-basket"]');
    await page.evaluate(() => (location.hash = '#/basket'));
    await page.click('[data-testid="buy"]');
    await page.waitForSelector('[data-testid="bought"]');
  }
  await home(page);
  await search(page, SEARCHES[1]);
  // Both reload: one on the results, the other on a product's page.
  if (acts.length) {
    await page.evaluate((item) => (location.hash = `#/item/${item}`), acts[0]);
    await page.waitForSelector('[data-testid="product"]');
  }
  await shellKept(page);
  await page.reload();
  await page.waitForSelector('[data-testid="results"] [data-testid="tile"], [data-testid="product"]');
  await synced(page);
  say({ n_events: await events(page), log: log() });
  close();
});
