// A publish while a tab is open: the tab goes on with its pair of versions and
// takes up the new one at a navigation.
// usage: node pinned.mjs BASE   (stops for the test to publish)
import { home, open, run, say, step, synced, tiles, view } from './lib.mjs';

const [base] = process.argv.slice(2);

await run(async (browser) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, base, 'cpu');
  await synced(page);
  const versions = () =>
    page.evaluate(() => {
      const { catalogue, model } = document.documentElement.dataset;
      return { catalogue, model };
    });
  const items = (await tiles(page)).slice(0, 2).map((tile) => tile.item);
  await view(page, items[0]);

  await step({ at: 'open', versions: await versions() });

  // The tab asks for the manifest now and then; here it is told to.
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.waitForSelector('[data-testid="pending-banner"]:visible', { timeout: 90_000 });
  const pending = await versions();
  const ranked = await tiles(page);

  await page.evaluate((item) => (location.hash = `#/item/${item}`), items[1]);
  await page.waitForSelector(`[data-testid="product"][data-item="${items[1]}"]`);
  await home(page);
  say({ at: 'navigated', pending, n_tiles: ranked.length, versions: await versions() });
});
