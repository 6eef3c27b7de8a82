// The examples, in plain HTML, in React and in Vue, with the real engine and a server of another origin.
// usage: node embed/elements-embed.mjs CORE plain|react|vue FOLDER
// CORE is the built package; FOLDER has the page: that of the source tree, or what Vite built of it.
import path from 'node:path';

import { ensure, run, say, step } from '../lib.mjs';
import { PACKAGES, policyFor, serve } from './elements-server.mjs';

const [core, example, folder] = process.argv.slice(2);
const ROUTES = [
  ['/vitrine/elements/', path.join(PACKAGES, 'elements')],
  ['/vitrine/core/', core],
  ['/', folder],
];

const feed = 'vitrine-feed:not(#own):not(.own)';

await run(async (browser) => {
  let server = '';
  const edit = (text) => text.replaceAll('http://localhost:8080', server);
  const host = await serve(ROUTES, () => policyFor(server), edit);
  server = await step({ origin: host.origin });
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  const foreign = new Set();
  let searches = 0;
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (pathname === '/v1/search' && request.method() === 'POST') searches += 1;
    if (origin !== host.origin && origin !== 'null') foreign.add(origin + pathname.replace(/[0-9a-f]{64}$/, 'HASH'));
  });
  await page.goto(host.origin);
  await page.waitForSelector(`${feed}[data-state="ready"]`, { timeout: 60_000 });
  ensure((await page.locator(`${feed} .tile`).count()) === 12, 'not twelve tiles');
  ensure((await page.locator(`${feed} .price`).count()) === 12, 'tiles without prices');
  ensure((await page.getAttribute(feed, 'data-order')) === 'popular', 'the feed is personal before anything was done');
  await page.waitForSelector('[heading="In this shop\'s own tiles"][data-state="ready"]');
  // The shop's own tiles are the first of the feed; which those are may change while the catalogue comes.
  await page.waitForFunction((feed) => {
    const tiles = [...document.querySelector(feed).shadowRoot.querySelectorAll('.link')].slice(0, 4);
    const own = [...document.querySelectorAll('[data-vitrine-card] strong')];
    const texts = [tiles, own].map((all) => all.map((node) => node.textContent).sort().join('|'));
    return own.length === 4 && texts[0] === texts[1];
  }, feed);

  // The basket is the page's; before consent nothing is recorded of it.
  const add = page.locator(`${feed} .add`).first();
  await add.click();
  await page.waitForFunction(() => document.querySelector('output').textContent === '1');
  const recorded = page.locator('vitrine-privacy [part="recorded"]');
  ensure((await recorded.textContent()) === 'Nothing is recorded.', `before consent: ${await recorded.textContent()}`);
  await page.getByRole('button', { name: 'Yes, on this device' }).click();
  await page.waitForSelector('vitrine-privacy[data-consent="given"]');
  await add.click();
  await page.waitForFunction(() => document.querySelector('output').textContent === '2');
  await recorded.getByText('One event is recorded').waitFor();
  await page.getByRole('combobox').focus();
  await page.waitForSelector(`${feed}[data-order="personal"]`);

  // Suggestions of the device, results of the server, a product page of the host.
  const box = page.getByRole('combobox');
  await box.pressSequentially('choc');
  await page.waitForSelector('vitrine-search [role="option"]');
  const suggested = await page.locator('vitrine-search [role="option"]').allTextContents();
  ensure(suggested.every((text) => /\bchoc/i.test(text)), `suggested: ${suggested}`);
  ensure(![...foreign].some((address) => address.endsWith('/v1/search')), 'typing has asked the server');
  await box.fill('milk');
  await box.press('Enter');
  await page.waitForSelector('vitrine-search[data-state="ready"]');
  const results = page.locator('vitrine-search .link');
  const title = await results.first().textContent();
  ensure(/\bmilk\b/i.test(title), `the first result for milk is ${title}`);
  await results.first().click();
  await page.getByRole('heading', { name: title, exact: true }).waitFor();
  // What was done with it is the reason, whichever of looking and buying says more.
  await page.locator('vitrine-why [part="line"]').filter({ hasText: title }).first().waitFor();
  await recorded.getByText('2 events are recorded').waitFor();
  await page.waitForSelector('vitrine-related[data-state="ready"]');
  const related = await page.locator('vitrine-related .link').allTextContents();
  ensure(related.length && !related.includes(title), `related to ${title} are ${related}`);

  // Erased, and off again.
  await page.getByRole('switch').uncheck();
  await page.waitForSelector('vitrine-privacy[data-consent="refused"]');
  ensure(errors.length === 0, `the console has ${errors.join('; ')}`);
  // One was typed; what was recorded meanwhile has sent it no second time.
  ensure(searches === 1, `${searches} searches were sent`);
  const paths = [...foreign].map((address) => address.replace(server, '')).sort();
  ensure(paths.join() === '/v1/manifest,/v1/search,/v1/shards/HASH', `asked for ${paths}`);
  say({ example, paths });
  host.close();
});
