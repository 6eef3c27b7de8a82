// The shop's main path in Firefox, driven by puppeteer-core over WebDriver BiDi: feed, search,
// basket, reload, privacy, deletion. It has no WebGPU in the tests' machine, so that WebAssembly
// ranks.
// usage: node firefox.mjs BASE
import { createRequire } from 'node:module';
import path from 'node:path';

import { ensure, say } from './lib.mjs';
import { dump, takeKeys } from './sealed.mjs';

const [base] = process.argv.slice(2);
const require = createRequire(path.join(process.env.VITRINE_TOOLS, 'node_modules', 'x.js'));
const puppeteer = require('puppeteer-core');
const WORDS = 'orange juice';

const main = async (browser) => {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error('page error:', error.message));
  const data = (name) => page.evaluate((name) => document.documentElement.dataset[name], name);
  const events = async () => Number((await data('events')) ?? 0);
  const more = (before) =>
    page.waitForFunction((n) => Number(document.documentElement.dataset.events) > n, {}, before);
  const there = (selector) => page.waitForSelector(selector, { timeout: 60_000 });
  const go = (hash) => page.evaluate((hash) => (location.hash = hash), hash);

  await page.goto(`${base}/`);
  await there('html[data-ready="feed"]');
  await there('html[data-synced="all"]');
  const popular = await page.$$eval('[data-testid="feed"] [data-testid="tile"]', (all) =>
    all.map(({ dataset }) => dataset.item),
  );
  ensure(popular.length >= 20, `${popular.length} tiles`);

  await go(`#/item/${popular[7]}`);
  await there(`[data-testid="product"][data-item="${popular[7]}"]`);
  await more(0);
  await go('#/');
  await page.waitForFunction(() => {
    const { events, feedEvents } = document.documentElement.dataset;
    return events === '1' && feedEvents === '1';
  });
  const personal = await page.$$eval('[data-testid="feed"] [data-testid="tile"]', (all) =>
    all.map(({ dataset }) => dataset.item),
  );
  ensure(personal.join() !== popular.join(), 'the feed does not follow what was looked at');
  const backend = await page.$eval('[data-testid="badge"]', (badge) => badge.dataset.backend);
  await page.click('[data-testid="feed"] [data-testid="add"]');
  await there('[data-testid="basket-count"]');

  await page.type('[data-testid="search-box"]', WORDS);
  await page.keyboard.press('Enter');
  await there('[data-testid="search-results"] [data-testid="tile"]');
  const order = await page.$eval('[data-testid="search-results"]', (of) => of.dataset.order);

  const before = await events();
  await page.reload();
  await there('html[data-ready="feed"]');
  await there('[data-testid="search-results"] [data-testid="tile"]');
  ensure((await events()) === before, `${await events()} events after a reload, not ${before}`);
  await go('#/basket');
  await there('[data-testid="basket-line"]');

  const found = JSON.stringify(await page.evaluate(dump));
  for (const text of [popular[7], 'view_item', ...WORDS.split(' ')]) {
    ensure(!found.includes(text), `${text} lies open`);
  }
  const taken = await page.evaluate(takeKeys);
  ensure(taken.every((word) => word === 'InvalidAccessError'), `the keys: ${taken}`);

  await go('#/privacy');
  await there(`[data-testid="stored"][data-events="${before}"]`);
  await page.click('[data-testid="delete"]');
  await there('[data-testid="delete-dialog"][open]');
  await page.click('[data-testid="delete-confirm"]');
  await there('[data-testid="stored"][data-events="0"]');
  const webgpu = await page.evaluate(() => navigator.gpu !== undefined);
  return { backend, order, webgpu };
};

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: process.env.VITRINE_FIREFOX,
  headless: true,
});
try {
  say({ version: await browser.version(), ...(await main(browser)) });
} catch (error) {
  console.error(error.stack ?? error);
  process.exitCode = 1;
} finally {
  await browser.close();
  process.stdin.destroy();
}
