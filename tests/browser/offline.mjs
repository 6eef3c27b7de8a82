// The server goes away: the page still ranks, also after a reload, and says so.
// usage: node offline.mjs BASE   (stops for the test to kill the server)
import { ensure, home, open, run, say, share, step, synced, tiles, view } from './lib.mjs';

const [base] = process.argv.slice(2);

await run(async (browser) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, base, 'cpu');
  await synced(page);
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.ready;
    return registration.active?.state === 'activated' && navigator.serviceWorker.controller;
  });
  const items = (await tiles(page)).slice(10, 12).map((tile) => tile.item);
  await view(page, items[0]);
  const before = await tiles(page);

  await step({ at: 'online' });

  await view(page, items[1]);
  const after = await tiles(page);
  ensure(after.length === before.length, 'the feed lost tiles');
  await page.reload();
  await page.waitForSelector('html[data-ready="feed"]');
  await home(page);
  const reloaded = await tiles(page);
  ensure(
    reloaded.map((tile) => tile.item).join() === after.map((tile) => tile.item).join(),
    'a reload without the server gave another order',
  );
  await page.waitForSelector('[data-testid="offline-banner"]:visible');
  await page.fill('[data-testid="search-box"]', 'milk');
  await page.press('[data-testid="search-box"]', 'Enter');
  await page.waitForSelector('[data-testid="search-results"] [data-testid="tile"]');
  const banner = await page.textContent('[data-testid="offline-banner"]');
  say({ banner, n_tiles: reloaded.length, share: share(reloaded, reloaded[0].department) });
});
