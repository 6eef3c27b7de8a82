// A composed persona in the Studio beside a browser that did the same, a persona
// of the log, a search, the reports; and the shopper of this browser is left alone.
// usage: node studio.mjs BASE TOKEN
import { ensure, events, home, open, record, run, say, synced, tiles, view } from './lib.mjs';

const [base, token] = process.argv.slice(2);
const NOW = new Date('2026-11-20T10:00:00Z');
const SEARCHES = ['orange juice', 'dog food'];

const ranked = (page, column) =>
  page.$$eval(`[data-testid="${column}"] [data-testid="ranked"]`, (all) =>
    all.map(({ dataset }) => ({ item: dataset.item, score: Number(dataset.score) })),
  );

const items = (list) => list.map(({ item }) => item).join();

const settled = (page) =>
  page.waitForSelector('[data-testid="orders"][aria-busy="false"]', { timeout: 60_000 });

/** Does something to the persona and waits for its orders. */
const change = async (page, n_events, act) => {
  await act();
  await page.waitForFunction(
    (n) => document.querySelectorAll('[data-testid="event"]').length === n,
    n_events,
  );
  await settled(page);
};

/** The products that a text offers. */
const offered = async (page, text) => {
  await page.fill('[data-testid="product"]', text);
  await page.press('[data-testid="product"]', 'Enter');
  const first = page.locator('[data-testid="offer"]').first();
  await page.waitForFunction(() => !document.querySelector('.composer [role="status"]'));
  await first.waitFor();
  return { item: await first.getAttribute('data-item'), add: () => first.locator('button').click() };
};

/** Composes: looked at one product, looked at another and put it into the basket. */
const compose = async (page) => {
  const first = await offered(page, SEARCHES[0]);
  await change(page, 1, first.add);
  const second = await offered(page, SEARCHES[1]);
  ensure(second.item !== first.item, 'both searches offer the same product');
  await change(page, 2, second.add);
  await page.selectOption('[data-testid="kind"]', { label: 'added to the basket' });
  await change(page, 3, second.add);
  await page.click('[data-testid="more-tiles"]');
  return [first.item, second.item];
};

/** The feed of a fresh browser that does the same in the shop. */
const shopped = async (browser, [first, second]) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  const log = [];
  record(page, log);
  await open(page, base, 'cpu');
  await synced(page);
  await view(page, first);
  await view(page, second);
  const before = await events(page);
  // The same product's page again would be another event, so the button of a list.
  await page.fill('[data-testid="search-box"]', SEARCHES[1]);
  await page.press('[data-testid="search-box"]', 'Enter');
  await page.click(`[data-item="${second}"] [data-testid="add"]`);
  await page.waitForFunction(
    (before) => Number(document.documentElement.dataset.events) > before,
    before,
  );
  await home(page);
  ensure(!log.some(({ url }) => url.includes('/v1/studio')), 'the shop asked the Studio');
  const feed = await tiles(page);
  await context.close();
  return feed.map(({ item, score }) => ({ item, score }));
};

/** Draws from the log; the three orders are there and differ. */
const drawn = async (page) => {
  await page.fill('[data-testid="shopper"]', '0');
  await page.click('[data-testid="draw"]');
  await page.waitForFunction(
    () => document.querySelector('[data-testid="persona-note"]').textContent.includes('order log, '),
  );
  await settled(page);
  const [student, teacher, server] = await Promise.all(
    ['student', 'teacher', 'server'].map((column) => ranked(page, column)),
  );
  for (const [name, order] of Object.entries({ student, teacher, server })) {
    ensure(order.length >= 20, `${order.length} tiles of the ${name}`);
  }
  ensure(items(student) !== items(server), "the drawn shopper got everybody's feed");
  ensure(items(teacher) !== items(server), 'the teacher has the order of the server');
  ensure(items(teacher) !== items(student), 'teacher and student have one order');
  await page.locator('[data-testid="student"] [data-testid="why"]').first().click();
  await page.waitForSelector('[data-testid="why-popover"][open] h2');
  await page.keyboard.press('Escape');
  await page.locator('[data-testid="teacher"] [data-testid="why"]').first().click();
  const parts = page.locator('[data-testid="why-popover"][open] [data-testid="why-teacher"] li');
  await parts.first().waitFor();
  const values = await parts.locator('.small').allTextContents();
  ensure(values.length >= 5, `the teacher has ${values.length} parts`);
  ensure(values.some((value) => Number(value) !== 0), 'no part of the teacher says anything');
  await page.keyboard.press('Escape');
};

const searched = async (page) => {
  await page.click('[data-testid="nav-search"]');
  await page.fill('[data-testid="studio-search"]', 'milk');
  await page.press('[data-testid="studio-search"]', 'Enter');
  await page.waitForSelector('[data-testid="search-student"] [data-testid="ranked"]');
  const [student, server] = [await ranked(page, 'search-student'), await ranked(page, 'search-server')];
  const sorted = (list) => items([...list].sort((a, b) => (a.item < b.item ? -1 : 1)));
  ensure(sorted(student) === sorted(server), 'the search has other results in another order');
  ensure(student.every(({ score }) => Number.isFinite(score)), 'a result was not scored');
};

const reports = async (page) => {
  await page.click('[data-testid="nav-reports"]');
  await page.waitForSelector('[data-testid="verdict"][data-passed="true"]');
  const balances = await page.$$eval('[data-testid="balance"]', (all) =>
    all.map(({ dataset }) => dataset.balance),
  );
  ensure(balances.length === 2 && balances.every((b) => b === '0'), `balances: ${balances}`);
  const figures = await page.textContent('[data-testid="metrics"]');
  for (const model of ['teacher', 'student int8, served']) {
    ensure(figures.includes(model), `no figures of ${model}`);
  }
};

await run(async (browser) => {
  const context = await browser.newContext();
  const shop = await context.newPage();
  await open(shop, base, 'cpu');
  await synced(shop);
  await view(shop, (await tiles(shop))[7].item);
  const before = await tiles(shop);

  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  const log = [];
  record(page, log);
  await page.goto(`${base}/studio?backend=cpu`);
  await page.fill('[data-testid="token"]', token);
  await page.click('[data-testid="enter"]');
  await settled(page);
  const blank = await ranked(page, 'student');
  ensure(items(blank) === items(await ranked(page, 'server')), 'a blank persona is somebody');
  const acts = await compose(page);
  const composed = await ranked(page, 'student');
  await drawn(page);
  await searched(page);
  await reports(page);

  for (const { url, headers } of log) {
    const shows = headers.authorization !== undefined;
    ensure(shows === url.includes('/v1/studio/'), `${url} ${shows ? 'has' : 'lacks'} the token`);
  }
  await shop.reload();
  await shop.waitForSelector('html[data-ready="feed"]');
  await home(shop);
  ensure((await events(shop)) === 1, 'the Studio wrote into the log of this browser');
  ensure(items(await tiles(shop)) === items(before), 'the Studio changed the feed of this browser');

  say({ composed, shop: await shopped(browser, acts) });
});
