// What the server draws before the program runs, and what is done with it until then.
// usage: node front.mjs BASE
import { ensure, run, say, synced, tiles } from './lib.mjs';

const [base] = process.argv.slice(2);

/** Holds the program back until `release` is called. */
const withoutProgram = async (page) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await held;
    await route.continue();
  });
  return release;
};

const titles = (page, list) =>
  page.$$eval(`${list} .tile`, (all) =>
    all.map((tile) => ({
      item: tile.querySelector('a').getAttribute('href'),
      // Not what is drawn: tiles below the screen are not laid out.
      words: tile.querySelector('.tile-text').textContent.replace(/\s+/g, ' ').trim(),
      price: tile.querySelector('.prices').textContent.replace(/\s+/g, ' ').trim(),
      shapes: tile.querySelector('.picture').className.split(' ').sort().join(' '),
    })),
  );

await run(async (browser) => {
  // A kept program could not be held back.
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  let release = await withoutProgram(page);
  const early = [];
  page.on('request', (request) => early.push(new URL(request.url()).pathname));
  let before;
  // The tiles are held back, so that all that is asked for without them is seen.
  await page.route('**/front.html', async (route) => {
    await page.waitForLoadState('domcontentloaded');
    before ??= [...new Set(early)];
    await route.continue();
  });
  await page.goto(`${base}/?backend=cpu`, { waitUntil: 'commit' });
  await page.waitForSelector('main[data-front] .tile');
  const drawn = await titles(page, 'main[data-front]');

  // Two of one and one of another, and half a search.
  const add = page.locator('main[data-front] [data-add]');
  await add.nth(0).click();
  await add.nth(0).click();
  await add.nth(1).click();
  ensure((await add.nth(0).textContent()) === '2', 'the button does not count');
  await page.locator('#search').pressSequentially('choc');
  // A link answers, and the way back.
  await page.evaluate(() => (location.hash = '#/basket'));
  await page.waitForSelector('main[data-front] .splash');
  await page.goBack();
  await page.waitForSelector('main[data-front] .tile');

  release();
  await page.waitForSelector('html[data-ready="feed"]');
  await page.waitForFunction(
    () => document.querySelector('[data-testid="basket-count"]')?.textContent === '3',
  );
  const typed = await page.inputValue('[data-testid="search-box"]');
  await synced(page);
  const own = await titles(page, '[data-testid="feed"]');
  const n = (await tiles(page)).length;
  await page.evaluate(() => (location.hash = '#/basket'));
  const quantities = await page.$$eval('[data-testid="basket-line"]', (all) =>
    all.map((line) => line.dataset.item),
  );

  // Whoever has a log is not shown what is popular first; a search is not lost.
  release = await withoutProgram(page);
  await page.goto(`${base}/?again&backend=cpu`);
  await page.waitForSelector('main[data-front] .splash');
  ensure((await page.locator('main[data-front] .tile').count()) === 0, 'popular tiles are shown');
  await page.fill('#search', 'milk');
  await page.press('#search', 'Enter');
  release();
  await page.waitForSelector('[data-testid="search-results"] [data-testid="tile"]');
  say({ before, drawn, own, n, typed, quantities, errors });
});
