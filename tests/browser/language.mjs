// The shop in the language of the browser, and in the one that is chosen: nothing of the English
// catalogue is left, a choice outlives a reload, asks nothing and opens nothing.
// usage: node language.mjs BASE TOKEN
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { ensure, events, open, record, run, say, synced, tiles } from './lib.mjs';

const [base, token] = process.argv.slice(2);
const LOCALES = path.join(import.meta.dirname, '../../crates/words/locales');
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'];
/** What the shop says itself: titles, brands, categories and the like. */
const OF_THE_SHOP = [
  '.tile-title', '.tile-detail', '.crumbs', '.brand', '.options', '.unwanted', '.url', 'dd', 'select',
  '.listing-title', '.listing-heading', '.listing-text', '.listing > p', '.fact-sources q',
  '[data-testid="department"]', '[data-testid="details"]', '[data-testid="variants"] label',
];

/** Keys and texts of a catalogue in a language. */
const texts = (catalogue, tag) => {
  const file = readFileSync(path.join(LOCALES, catalogue, `${tag}.toml`), 'utf8');
  let section = '';
  const found = new Map();
  for (const line of file.split('\n')) {
    const [key, ...rest] = line.split(' = ');
    if (line.startsWith('[')) section = `${line.slice(1, -1)}.`;
    else if (rest.length) found.set(section + key, JSON.parse(rest.join(' = ')));
  }
  return found;
};

/** What is English and has words enough to be known by. */
const english = (tag, program = 'shop') =>
  ['common', 'session', program].flatMap((catalogue) => {
    const other = texts(catalogue, tag);
    const own = [...texts(catalogue, 'en')].filter(([key, text]) => other.get(key) !== text);
    return own.flatMap(([key, text]) => {
      const said = text.split(/%\{\w+\}/);
      const n = said.join(' ').match(/[A-Za-z]{2,}/g)?.length ?? 0;
      if (n < (said.length > 1 ? 2 : 1)) return [];
      const escaped = said.map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return [{ key, pattern: `^${escaped.join('\\s*.+\\s*')}$` }];
    });
  });

/** The English texts that can be seen or heard on a page. */
const left = (page, patterns) =>
  page.evaluate(
    ([patterns, ofTheShop]) => {
      const known = patterns.map(({ key, pattern }) => [key, new RegExp(pattern, 's')]);
      const said = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const { parentElement: parent, textContent } = walk.currentNode;
        if (parent.closest(`script, style, noscript, ${ofTheShop.join()}`)) continue;
        if (parent.checkVisibility()) said.push(textContent.trim());
      }
      for (const name of ['aria-label', 'title', 'placeholder']) {
        for (const element of document.body.querySelectorAll(`[${name}]`)) {
          said.push(element.getAttribute(name).trim());
        }
      }
      const texts = said.filter((text) => text);
      const key = (text) => known.find(([, pattern]) => pattern.test(text))?.[0];
      return { n: texts.length, left: texts.filter(key).map((text) => `${key(text)}: ${text}`) };
    },
    [patterns, OF_THE_SHOP],
  );

const at = async (page, hash, selector) => {
  await page.evaluate((hash) => (location.hash = hash), hash);
  await page.waitForSelector(selector);
};

/** All screens; `look` sees each. */
const screens = async (page, item, look) => {
  await at(page, '#/', '[data-testid="feed"] [data-testid="tile"]');
  await look('home');
  await at(page, '#/search?q=milk', '[data-testid="results"] [data-testid="tile"]');
  await look('search');
  await at(page, '#/search?q=xqzwv', '[data-testid="no-results"]');
  await look('nothing found');
  await at(page, `#/item/${item}`, `[data-testid="product"][data-item="${item}"]`);
  await look('product');
  await at(page, '#/basket', '[data-testid="basket-line"]');
  await look('basket');
  await at(page, '#/privacy', '[data-testid="event"]');
  await page.waitForSelector('[data-testid="request"]');
  await look('privacy');
};

const speaks = async (page, tag) => {
  await page.waitForSelector(`html[lang="${tag}"]`);
  const words = texts('shop', tag);
  const said = await page.textContent('[data-testid="nav-privacy"] .label');
  ensure(said === words.get('frame.nav_privacy'), `in ${tag} it says ${said}`);
};

/** No English is left on any screen. */
const allOf = async (page, tag, item) => {
  await speaks(page, tag);
  const patterns = english(tag);
  await screens(page, item, async (name) => {
    const seen = await left(page, patterns);
    ensure(seen.n > 5, `${name} says nothing`);
    ensure(seen.left.length === 0, `${name} in ${tag}: ${seen.left.join(' | ')}`);
  });
};

/** The Studio, which has a choice of its own. */
const studio = async (context, tag) => {
  const page = await context.newPage();
  const patterns = english(tag, 'studio');
  const look = async (name) => {
    const seen = await left(page, patterns);
    ensure(seen.n > 5, `the Studio's ${name} says nothing`);
    ensure(seen.left.length === 0, `the Studio's ${name} in ${tag}: ${seen.left.join(' | ')}`);
  };
  await page.goto(`${base}/studio`);
  await page.waitForSelector('[data-testid="token"]');
  await page.selectOption('[data-testid="language"]', tag);
  await page.waitForSelector(`html[lang="${tag}"]`);
  await look('gate');
  await page.fill('[data-testid="token"]', token);
  await page.click('[data-testid="enter"]');
  await page.waitForSelector('[data-testid="orders"][aria-busy="false"]', { timeout: 60_000 });
  await page.click('[data-testid="draw-random"]');
  await page.waitForSelector('[data-testid="event"]');
  await look('feed');
  // The persona stays.
  const n = await page.locator('[data-testid="event"]').count();
  for (const other of ['de', tag]) {
    await page.selectOption('[data-testid="language"]', other);
    await page.waitForSelector(`html[lang="${other}"]`);
    await page.waitForSelector('[data-testid="event"]');
    ensure((await page.locator('[data-testid="event"]').count()) === n, 'another language, another persona');
  }
  for (const view of ['search', 'reports', 'listings', 'training']) {
    await page.click(`[data-testid="nav-${view}"]`);
    await page.waitForSelector(`[data-testid="nav-${view}"][aria-current="page"]`);
    await page.waitForLoadState('networkidle');
    await look(view);
  }
  await page.close();
};

/** Chooses a language where the page is; nothing is asked for and nothing opened. */
const choose = async (page, tag, asked) => {
  await page.waitForLoadState('networkidle');
  const before = { n: asked.length, events: await events(page), hash: await page.evaluate(() => location.hash) };
  await page.selectOption('[data-testid="language"]', tag);
  await speaks(page, tag);
  await page.waitForFunction(() => document.activeElement?.dataset.testid === 'language');
  const now = { n: asked.length, events: await events(page), hash: await page.evaluate(() => location.hash) };
  ensure(JSON.stringify(now) === JSON.stringify(before), `choosing ${tag} did something: ${JSON.stringify([before, now])}`);
};

await run(async (browser) => {
  const context = await browser.newContext({ locale: 'zh-CN' });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const asked = [];
  record(page, asked);
  await open(page, base, 'cpu');
  await synced(page);
  const [{ item }] = await tiles(page);
  await at(page, `#/item/${item}`, '[data-testid="add-to-basket"]:not([disabled])');
  await page.click('[data-testid="add-to-basket"]');
  await allOf(page, 'zh-Hans', item);

  await studio(context, 'zh-Hans');
  await speaks(page, 'zh-Hans');

  // A check that cannot fail says nothing.
  await page.evaluate(() => document.querySelector('main h1').append('Your privacy'));
  const planted = await left(page, english('zh-Hans'));
  ensure(planted.left.length === 1, `a planted text was not seen: ${planted.left}`);

  await at(page, `#/item/${item}`, `[data-testid="product"][data-item="${item}"]`);
  await choose(page, 'de', asked);
  await page.reload();
  await page.waitForSelector('html[data-synced="all"]', { timeout: 60_000 });
  await allOf(page, 'de', item);
  await choose(page, 'en', asked);
  await page.reload();
  await page.waitForSelector('html[data-synced="all"]', { timeout: 60_000 });
  await speaks(page, 'en');

  // Each text that counts has the categories of its language, and no others.
  for (const tag of ['en', 'zh-Hans', 'de']) {
    const wanted = await page.evaluate((tag) => new Intl.PluralRules(tag).resolvedOptions().pluralCategories, tag);
    for (const catalogue of ['common', 'session', 'shop', 'studio']) {
      const found = new Map();
      for (const key of texts(catalogue, tag).keys()) {
        const category = CATEGORIES.find((name) => key.endsWith(`.${name}`));
        const counted = category && key.slice(0, -category.length - 1);
        if (!counted || counted === 'ordinal') continue;
        found.set(counted, [...(found.get(counted) ?? []), category]);
      }
      for (const [key, categories] of found) {
        ensure(categories.sort().join() === [...wanted].sort().join(), `${tag} ${key}: ${categories}, not ${wanted}`);
      }
    }
  }
  say({ errors });
});
