// What a shopper relies on: *Why this?* after a search, a basket that keeps sizes
// over reloads and agrees between tabs, results that get their pictures, a reload
// of results that asks nothing.
// usage: node shop.mjs BASE
import { ensure, events, home, open, record, run, say, synced, tiles, view } from './lib.mjs';

const [base] = process.argv.slice(2);
const WHY = '[data-testid="feed"] [data-testid="why"]';

const search = async (page, text) => {
  await page.fill('[data-testid="search-box"]', text);
  await page.press('[data-testid="search-box"]', 'Enter');
  await page.waitForSelector('[data-testid="search-results"] [data-testid="tile"]');
};

/** Asks about the first tile of the feed. */
const whyAtHome = async (page) => {
  await home(page);
  await page.locator(WHY).first().click();
  await page.waitForSelector('[data-testid="why-popover"][open] h2');
  await page.keyboard.press('Escape');
  ensure(await page.isHidden('#fatal'), 'the shop broke');
};

/** A question is answered by the page it is asked on, also after another page answered. */
const whyAfterSearches = async (page) => {
  await search(page, 'milk');
  await page.locator('[data-testid="results"] [data-testid="why"]').first().click();
  await page.waitForSelector('[data-testid="why-popover"][open] [data-testid="why-place"]');
  await page.keyboard.press('Escape');
  await whyAtHome(page);
  await page.locator('[data-testid="department"]').first().click();
  await page.waitForSelector('[data-testid="search-results"] [data-testid="tile"]');
  await whyAtHome(page);
};

/** Opens a product that has two sizes at least. */
const openSized = async (page) => {
  for (const { item } of await tiles(page)) {
    await view(page, item);
    await page.evaluate((item) => (location.hash = `#/item/${item}`), item);
    await page.waitForSelector(`[data-testid="product"][data-item="${item}"]`);
    if ((await page.locator('[data-testid="variants"] input').count()) > 1) return item;
    await home(page);
  }
  throw new Error('no product has two sizes');
};

/** Does what is logged once. */
const logged = async (page, act) => {
  const before = await events(page);
  await act();
  await page.waitForFunction(
    (before) => Number(document.documentElement.dataset.events) > before,
    before,
  );
};

const lines = async (page) => {
  await page.evaluate(() => (location.hash = '#/basket'));
  await page.waitForSelector('[data-testid="basket"]');
  return page.$$eval('[data-testid="basket-line"]', (all) =>
    all.map(({ dataset }) => `${dataset.item} ${dataset.sku} × ${dataset.quantity}`),
  );
};

const reload = async (page) => {
  await page.reload();
  await page.waitForSelector('html[data-ready="feed"]');
};

const basket = async (context, page) => {
  const item = await openSized(page);
  const sizes = page.locator('[data-testid="variants"] input');
  const skus = await sizes.evaluateAll((all) => all.map(({ value }) => value));
  const add = () => logged(page, () => page.click('[data-testid="add-to-basket"]'));
  await sizes.nth(1).check();
  await add();
  await add();
  await sizes.nth(0).check();
  await add();
  const expected = [`${item} ${skus[1]} × 2`, `${item} ${skus[0]} × 1`];
  const same = async (page, what) => {
    const seen = await lines(page);
    ensure(seen.join() === expected.join(), `${what}: ${seen}, not ${expected}`);
  };
  await same(page, 'two sizes');
  await reload(page);
  await same(page, 'after a reload');

  const other = await context.newPage();
  await open(other, base, 'cpu');
  await same(other, 'another tab');
  await logged(other, () => other.locator('[data-testid="less"]').first().click());
  expected[0] = `${item} ${skus[1]} × 1`;
  await page.waitForSelector(`[data-testid="basket-line"][data-sku="${skus[1]}"][data-quantity="1"]`);
  await same(page, 'one less in the other tab');
  await logged(page, () => page.click('[data-testid="buy"]'));
  await other.waitForSelector('[data-testid="basket-empty"]');
  await other.close();
};

const searches = (log) => log.filter(({ url }) => url.endsWith('/v1/search')).length;

const reloadedResults = async (page, log) => {
  await search(page, 'orange juice');
  const [before, shown] = [searches(log), await page.locator('[data-testid="tile"]').count()];
  await reload(page);
  await page.waitForSelector('[data-testid="results"] [data-testid="tile"]');
  ensure((await page.locator('[data-testid="tile"]').count()) === shown, 'other results');
  ensure(searches(log) === before, 'a reload of the results asked again');
};

/** Pictures of the results of a link that is the first page somebody opens. */
const linked = async (browser) => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${base}/?backend=cpu#/search?q=milk`);
  await synced(page);
  await page.waitForSelector('[data-testid="results"] [data-testid="tile"]');
  const pictures = () =>
    page.$$eval('[data-testid="results"] .picture svg', (all) =>
      all.map((svg) => svg.childElementCount > 0),
    );
  await page.waitForFunction(() =>
    document.querySelector('[data-testid="results"] .picture svg > *'),
  );
  const there = await pictures();
  await reload(page);
  await page.waitForSelector('[data-testid="results"] [data-testid="tile"]');
  const later = await pictures();
  ensure(there.join() === later.join(), `pictures: ${there}, after a reload ${later}`);
  return there.filter(Boolean).length;
};

await run(async (browser) => {
  const n_pictures = await linked(browser);
  const context = await browser.newContext();
  const page = await context.newPage();
  const log = [];
  record(page, log);
  await open(page, base, 'cpu');
  await synced(page);
  await whyAfterSearches(page);
  await basket(context, page);
  await reloadedResults(page, log);
  say({ n_pictures });
});
