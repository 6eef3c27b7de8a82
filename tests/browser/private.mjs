// Search in private: whatever is searched for, the same is sent, and it is no search. What is found
// is found by meaning, too.
// usage: node private.mjs BASE one|other|leaky
import { ensure, open, recorder, run, say, shellKept, synced } from './lib.mjs';

const [server, behaviour] = process.argv.slice(2);
const BOX = '[data-testid="search-box"]';
/** What each shopper searches for, and how often results are looked through. */
const SEARCHES = {
  one: ['orange juice', 'dog food under 10'],
  other: ['something cold to drink in summer', 'penut free cookies', 'cheese', 'zzqx'],
}[behaviour === 'leaky' ? 'one' : behaviour];

const search = async (page, text) => {
  await page.fill(BOX, text);
  await page.press(BOX, 'Enter');
  await page.waitForFunction(
    (text) =>
      document.querySelector('h1')?.textContent.includes(text) &&
      document.querySelector('[data-testid="search-results"][data-order="device"]'),
    text,
  );
  return page.$$eval('[data-testid="search-results"] [data-testid="tile"]', (all) =>
    all.map((tile) => tile.textContent),
  );
};

await run(async (browser) => {
  const { base, log, close } = await recorder(server);
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, base, 'cpu');
  await synced(page);
  await shellKept(page);
  await page.evaluate(() => (location.hash = '#/privacy'));
  await page.click('[data-testid="private-search"]');
  await page.waitForSelector('[data-testid="private-search"][data-on="true"][data-meaning="true"]');
  const found = {};
  for (const text of SEARCHES) {
    found[text] = await search(page, text);
    if (behaviour === 'leaky') await page.evaluate((text) => fetch(`/healthz?q=${text}`), text);
  }
  if (behaviour === 'other') {
    await search(page, 'cheese');
    await page.selectOption('[data-testid="sort"]', { index: 1 });
    await page.waitForFunction(() => location.hash.includes('sort='));
  }
  // The choice survives a reload, and so does what it fetched.
  await page.reload();
  await page.waitForSelector('[data-testid="search-results"][data-order="device"]');
  await synced(page);
  const requests = log();
  ensure(!requests.some((entry) => entry.includes('/v1/search')), 'a search was sent');
  say({ log: requests, found });
  close();
});
