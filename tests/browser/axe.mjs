// Every screen of the Shop and the Studio against the rules of axe, in light and dark colours,
// on a phone and on a desktop. Anything that axe calls a violation, of whatever impact, fails,
// unless it is listed here with its reason.
// usage: node axe.mjs BASE TOKEN [light|dark] [390|1440]
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { ensure, events, home, open, run, say, shellKept, synced, tiles } from './lib.mjs';

const [base, token, ...only] = process.argv.slice(2);
const AXE = readFileSync(
  path.join(process.env.VITRINE_TOOLS, 'node_modules', 'axe-core', 'axe.min.js'),
  'utf8',
);
/** Rules that do not hold, by name, with the reason. */
const EXCEPT = {};
const WIDTHS = { 390: { width: 390, height: 844 }, 1440: { width: 1440, height: 900 } };

const found = [];
let nScreens = 0;

/** Holds a screen against the rules. */
const check = async (page, screen, look) => {
  // Colours of what is on its way in or out are not those that stay.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  );
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ['violations'] }),
  );
  nScreens += 1;
  for (const { id, impact, help, nodes } of violations.filter(({ id }) => !EXCEPT[id])) {
    const places = nodes.slice(0, 3).map(({ target, any }) => `${target} ${any[0]?.message ?? ''}`);
    const what = `${screen}, ${look}: ${id} (${impact}): ${help}: ${nodes.length} × ${places.join(' | ')}`;
    // Said at once: a screen after it may not be reached.
    console.error(what);
    found.push(what);
  }
};

const go = async (page, hash, selector) => {
  await page.evaluate((hash) => (location.hash = hash), hash);
  await page.waitForSelector(selector);
};

const search = async (page, text, selector) => {
  await page.fill('[data-testid="search-box"]', text);
  await page.press('[data-testid="search-box"]', 'Enter');
  await page.waitForSelector(selector);
};

/** Adds what the first tile of the feed has. */
const add = async (page) => {
  const before = await events(page);
  await page.locator('[data-testid="feed"] [data-testid="add"]').first().click();
  await page.waitForFunction(
    (before) => Number(document.documentElement.dataset.events) > before,
    before,
  );
};

const RESULT = '[data-testid="search-results"] [data-testid="tile"]';

const shopScreens = async (page, look) => {
  const here = (screen) => check(page, screen, look);
  await here('home of a newcomer');
  await go(page, '#/basket', '[data-testid="basket-empty"]');
  await here('empty basket');
  await go(page, '#/wishes', '[data-testid="no-wishes"]');
  await here('no wishes');
  await home(page);
  const [{ item }, { item: other }] = await tiles(page);
  await go(page, `#/item/${item}`, '[data-testid="product"]');
  await here('product');
  await page.locator('[data-testid="wish"]').first().click();
  await go(page, '#/wishes', '[data-testid="wishes"]');
  await here('wishes');
  await go(page, `#/item/${other}`, `[data-testid="product"][data-item="${other}"]`);
  await home(page);
  await add(page);
  await here('home of a shopper');
  await page.locator('[data-testid="feed"] [data-testid="why"]').first().click();
  await page.waitForSelector('[data-testid="why-popover"][open] h2');
  await here('why this');
  await page.keyboard.press('Escape');
  await page.locator('[data-testid="feed"] [data-testid="dismiss"]').first().click();
  await page.waitForSelector('[data-testid="undo-toast"]');
  await here('not interested');
  await page.locator('[data-testid="department"]').first().click();
  await page.waitForSelector(RESULT);
  await here('department');
  await search(page, 'peanut free cookies', RESULT);
  await here('search with a condition');
  if (look.endsWith('390')) {
    await page.click('[data-testid="filters-open"]');
    await page.waitForSelector('[data-testid="filters-drawer"][open]');
    await here('drawer');
    await page.keyboard.press('Escape');
  }
  await page.fill('[data-testid="search-box"]', 'mil');
  await page.waitForSelector('[data-testid="suggestion"]');
  await here('suggestions');
  await search(page, 'qqqqzzzz under 1', '[data-testid="no-results"]');
  await here('zero results');
  await go(page, '#/basket', '[data-testid="basket-line"]');
  await here('basket');
  await page.locator('[data-testid="remove"]').first().click();
  await page.waitForSelector('[data-testid="removed-toast"]');
  await here('removed from the basket');
  await page.click('[data-testid="undo-remove"]');
  await page.waitForSelector('[data-testid="basket-line"]');
  await page.click('[data-testid="buy"]');
  await page.waitForSelector('[data-testid="last-basket"]');
  await here('bought');
  await go(page, '#/privacy', '[data-testid="stored"]');
  await page.waitForSelector('[data-testid="event"]');
  await here('privacy');
  await page.click('[data-testid="delete"]');
  await page.waitForSelector('[data-testid="delete-dialog"][open]');
  await here('delete everything');
  await page.keyboard.press('Escape');
  await go(page, '#/nowhere', 'main h1');
  await here('not found');
};

/** Without a network, and asked for consent. */
const otherStates = async (context, page, look) => {
  await shellKept(page);
  await home(page);
  await context.setOffline(true);
  await page.reload();
  await page.waitForSelector('[data-testid="offline-banner"]');
  await check(page, 'offline', look);
  await context.setOffline(false);

  const asked = await context.newPage();
  await asked.addInitScript(() => {
    const required = () => document.documentElement.setAttribute('data-consent', 'required');
    if (document.documentElement) required();
    else document.addEventListener('readystatechange', required, { once: true });
  });
  await open(asked, base, 'cpu');
  await asked.waitForSelector('[data-testid="consent-banner"]');
  await check(asked, 'consent', look);
  await asked.close();
};

const studioScreens = async (page, look) => {
  await page.goto(`${base}/studio?backend=cpu`);
  await page.waitForSelector('[data-testid="token"]');
  await check(page, 'gate of the Studio', look);
  await page.fill('[data-testid="token"]', token);
  await page.click('[data-testid="enter"]');
  await page.waitForSelector('nav[aria-label="Studio"]');
  const links = await page.$$eval('nav a[href^="#"]', (all) => all.map((link) => link.hash));
  ensure(links.length >= 3, `the Studio has ${links.length} pages`);
  for (const hash of links) {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await page.waitForSelector(`nav a[href="${hash}"][aria-current="page"]`);
    await page.waitForLoadState('networkidle');
    // What is on its way out is dimmed.
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
    await check(page, `Studio ${hash}`, look);
  }
};

await run(async (browser) => {
  for (const colorScheme of ['light', 'dark']) {
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      const look = `${colorScheme} ${width}`;
      if (!only.every((word) => look.split(' ').includes(word))) continue;
      const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await open(page, base, 'cpu');
      await synced(page);
      await shopScreens(page, look);
      await otherStates(context, page, look);
      await studioScreens(await context.newPage(), look);
      await context.close();
    }
  }
  ensure(nScreens > 0, `no look is called ${only.join(' ')}`);
  ensure(found.length === 0, `${found.length} violations:\n${[...new Set(found)].join('\n')}`);
  say({ n_screens: nScreens, n_rules_excepted: Object.keys(EXCEPT).length });
});
