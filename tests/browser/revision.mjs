// A price is pushed while a page is open: the next look shows it, in the feed, on the
// product's page and in the basket, without a reload; no place in the feed changes.
// usage: node revision.mjs BASE   (stops for the test to push)
import { ensure, open, run, say, step, synced, tiles } from './lib.mjs';

const [base] = process.argv.slice(2);

await run(async (browser) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, base, 'cpu');
  await synced(page);
  const item = (await tiles(page))[0].item;
  // What goes into the basket stays in the feed as long as the page is shown.
  await page.click(`[data-testid="feed"] [data-item="${item}"] [data-testid="add"]`);
  await page.waitForFunction(() => {
    const { events, feedEvents } = document.documentElement.dataset;
    return events === '1' && events === feedEvents;
  });
  const order = (await tiles(page)).map((tile) => tile.item);
  const price = () => page.textContent(`[data-testid="feed"] [data-testid="tile"][data-item="${item}"] .price`);
  const old = await price();
  await step({ at: 'open', item });

  // The page looks now and then; here it is told to.
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.waitForFunction(
    ({ item, old }) =>
      document.querySelector(`[data-testid="feed"] [data-testid="tile"][data-item="${item}"] .price`)?.textContent !== old,
    { item, old },
    { timeout: 90_000 },
  );
  ensure(!(await page.isVisible('[data-testid="pending-banner"]')), 'nothing waits');
  const shown = await price();
  const after = (await tiles(page)).map((tile) => tile.item);
  await page.evaluate((item) => (location.hash = `#/item/${item}`), item);
  await page.waitForSelector(`[data-testid="product"][data-item="${item}"]`);
  const onPage = await page.textContent('[data-testid="product"]');
  await page.evaluate(() => (location.hash = '#/basket'));
  await page.waitForSelector('[data-testid="buy"]');
  const basket = await page.textContent('main');
  say({ old, shown, onPage, basket, same: order.join() === after.join() });
});
