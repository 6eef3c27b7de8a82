// The elements in the plain example, with an engine in memory: what they show, send and let the page decide.
// usage: node embed/elements.mjs
import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { ensure, run, say } from '../lib.mjs';
import { PACKAGES, policyFor, serve } from './elements-server.mjs';

/** All of the package that a browser loads, in bytes, and a language that a page has it speak. */
const BYTES_MAX = 60_000;
const LANGUAGE_BYTES_MAX = 3_000;
const AXE = createRequire(path.join(process.env.VITRINE_TOOLS, 'node_modules', 'x.js')).resolve('axe-core');
const ROUTES = [
  ['/vitrine/elements/', path.join(PACKAGES, 'elements')],
  ['/vitrine/core/index.js', path.join(import.meta.dirname, 'elements-core.js')],
  ['/', path.join(PACKAGES, 'examples/plain')],
];
const FEED = 'vitrine-feed:not(#own)';
const FALLBACK = `${FEED} > p:not([role])`;

/** Bytes of what every page loads, and of the largest language. */
const bytes = async () => {
  const folder = path.join(PACKAGES, 'elements');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
  const size = async (name) => (await stat(path.join(folder, name))).size;
  const isLanguage = (name) => name.startsWith('languages');
  const sizes = await Promise.all(files.filter((name) => !isLanguage(name)).map(size));
  const languages = await Promise.all(files.filter(isLanguage).map(size));
  return [sizes.reduce((sum, size) => sum + size, 0), Math.max(...languages)];
};

/** The names that are filled in, by key of a table of words. */
const tableOf = async (name) => {
  const text = await readFile(path.join(PACKAGES, 'elements', name), 'utf8');
  const entries = text.split(/^  (?=\w+: )/m).slice(1).map((entry) => entry.split(/^\}/m)[0]);
  const places = (entry) => [...new Set(entry.match(/\{\w+\}/g))].sort().join();
  return new Map(entries.map((entry) => [entry.split(':')[0], places(entry)]));
};

/** Each language has each text, filled in alike, and is spoken where the page says so. */
const languages = async (context, base) => {
  const english = await tableOf('src/words.js');
  ensure(english.size > 40, `only ${english.size} texts`);
  for (const name of ['de', 'zh']) {
    const own = await tableOf(`languages/${name}.js`);
    const differs = [...english].filter(([key, places]) => own.get(key)?.replace('{n}', '') !== places.replace('{n}', ''));
    ensure(differs.length === 0 && own.size === english.size, `${name}: ${differs.join(' | ')}`);
  }
  const { page } = await opened(context, base);
  await feed(page);
  const said = (lang) =>
    page.evaluate(async (lang) => {
      await import('/vitrine/elements/languages/index.js');
      document.documentElement.lang = lang;
      const feed = document.querySelector('vitrine-feed');
      await Promise.all([feed.refresh(), document.querySelector('vitrine-search').search('tea')]);
      const { shadowRoot } = document.querySelector('vitrine-search');
      return [feed.shadowRoot.querySelector('h2').textContent, shadowRoot.querySelector('.found h2').textContent];
    }, lang);
  const [german, found] = await said('de-AT');
  ensure(['Für Sie', 'Beliebt'].includes(german), `in German it says ${german}`);
  ensure(/^\d+ Artikel für „tea“$/.test(found), `in German it says ${found}`);
  const [chinese] = await said('zh-CN');
  ensure(['为您推荐', '热门商品'].includes(chinese), `in Chinese it says ${chinese}`);
  const [other] = await said('tlh');
  ensure(['For you', 'Popular'].includes(other), `in Klingon it says ${other}`);
};

/** What reached the engine, by name. */
const calls = (page, name) =>
  page.evaluate((name) => globalThis.calls.filter(([called]) => called === name).map(([, ...given]) => given), name);

const state = (page, name, state) => page.waitForSelector(`${name}[data-state="${state}"]`);

const titles = (page, name) => page.$$eval(`${name} .link`, (all) => all.map((link) => link.textContent));

/** A page with nothing that a policy, a script or the console complains of. */
const opened = async (context, base, query = '') => {
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const warnings = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
    if (message.type() === 'warning') warnings.push(message.text());
  });
  await page.goto(`${base}/index.html${query}`);
  return { page, errors, warnings };
};

/** Faults that axe finds, with where they are. */
const axe = async (page) => {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  });
};

const feed = async (page) => {
  await state(page, '#own', 'ready');
  // Elements about a product wait for the page to say which.
  for (const name of ['vitrine-why', 'vitrine-related']) {
    await page.waitForSelector(`${name}[data-state="empty"]`, { state: 'attached' });
  }
  ensure((await titles(page, FEED)).length === 12, 'not twelve tiles');
  const prices = await page.$$eval(`${FEED} .price`, (all) => all.map((price) => price.textContent));
  ensure(prices[0] === 'from €1.50' && prices[1] === '€1.51', `prices are ${prices.slice(0, 2)}`);
  const [add, href] = await page.$$eval(`${FEED} .tile`, (tiles) => [
    tiles[4].querySelector('.add'),
    tiles[2].querySelector('.link').getAttribute('href'),
  ]);
  ensure(add === null, 'what is sold out has a button');
  ensure(href === null, 'a link that is no web address was taken over');
  const hidden = await page.locator(FALLBACK).isHidden();
  ensure(hidden, 'fallback content is shown beside the feed');
  // The shop's own tiles are its own: the page's style sheet reaches them.
  const own = await page.$$eval('#own .card', (all) =>
    all.map((card) => [card.textContent.replace(/\s+/g, ' ').trim(), getComputedStyle(card).paddingTop, card.getAttribute('href')]),
  );
  ensure(own.length === 4, `${own.length} own tiles`);
  ensure(own[0].join() === 'Black tea number 1 from €1.50 On offer,12px,/item/1', `an own tile is ${own[0]}`);
  ensure(own[2][2] === null, 'an own tile leads to what is no web address');
};

const consent = async (page) => {
  await page.locator(`${FEED} .add`).first().click();
  await page.waitForFunction(() => globalThis.calls.some(([name]) => name === 'record'));
  const recorded = await page.locator('vitrine-privacy [part="recorded"]').textContent();
  ensure(recorded === 'Nothing is recorded.', `before consent: ${recorded}`);
  await page.getByRole('button', { name: 'Yes, on this device' }).click();
  await page.waitForSelector('vitrine-privacy[data-consent="given"]');
  const on = await page.getByRole('switch').isChecked();
  ensure(on, 'the switch does not say that consent is given');
};

/** The page decides about basket and links. */
const events = async (page) => {
  await page.evaluate(() => {
    globalThis.heard = [];
    for (const type of ['vitrine-add', 'vitrine-select']) {
      document.addEventListener(type, (event) => {
        globalThis.heard.push([type, event.detail.card.id, event.detail.place]);
        if (globalThis.handles || type === 'vitrine-select') event.preventDefault();
      });
    }
  });
  const before = (await calls(page, 'record')).length;
  await page.evaluate(() => (globalThis.handles = true));
  await page.locator(`${FEED} .add`).nth(1).click();
  await page.evaluate(() => (globalThis.handles = false));
  ensure((await calls(page, 'record')).length === before, 'what the page handled was recorded');
  await page.locator('#own button').nth(1).click();
  await page.waitForFunction((n) => globalThis.calls.filter(([name]) => name === 'record').length > n, before);
  await page.locator(`${FEED} .link`).nth(1).click();
  await page.locator('#own .card').nth(3).click();
  const heard = JSON.stringify(await page.evaluate(() => globalThis.heard));
  const expected = [['vitrine-add', 2, 2], ['vitrine-add', 2, 2], ['vitrine-select', 2, 2], ['vitrine-select', 4, 4]];
  ensure(heard === JSON.stringify(expected), `the page heard ${heard}`);
  ensure(page.url().endsWith('/index.html'), `the page went to ${page.url()}`);
  // The shop's own basket and product page.
  await page.getByRole('heading', { name: 'Green tea number 4', exact: true }).waitFor();
  await page.locator('vitrine-why').getByText('You looked at Green tea number 4.').waitFor();
  const basket = await page.locator('output').textContent();
  ensure(basket === '3', `${basket} pieces are in the basket`);
};

/** Waits until the feed begins with these products. */
const begins = (page, ...numbers) =>
  page.waitForFunction(
    ([feed, numbers]) => {
      const links = [...document.querySelector(feed).shadowRoot.querySelectorAll('.link')];
      return numbers.every((number, at) => links[at].textContent.endsWith(` number ${number}`));
    },
    [FEED, numbers],
  );

/** The feed follows what is recorded, but not under the hands of who is in it. */
const following = async (page) => {
  // The page has said that these two were looked at.
  await begins(page, 2, 4, 1);
  await page.locator(`${FEED} .link`).first().focus();
  const before = await titles(page, FEED);
  await page.evaluate(async () => {
    const { engine } = await import('/vitrine/elements/index.js');
    await (await engine()).record({ type: 'view_item', id: 1 });
  });
  // The shop's own tiles stand in the order of their slots.
  await page.waitForFunction(() => {
    const [first] = document.querySelector('#own').shadowRoot.querySelector('slot.own').assignedElements();
    return first.querySelector('strong').textContent.endsWith(' number 1');
  });
  ensure((await titles(page, FEED)).join() === before.join(), 'the feed moved under the focus');
  await page.getByRole('combobox').focus();
  await begins(page, 1, 2, 4);
  // What is of no interest goes, and the focus stays in the list.
  const dismiss = page.locator(`${FEED} .dismiss`);
  const label = await dismiss.nth(3).getAttribute('aria-label');
  await dismiss.nth(3).press('Enter');
  const place = await page.waitForFunction(
    ([feed, label]) => {
      const { shadowRoot } = document.querySelector(feed);
      const crosses = [...shadowRoot.querySelectorAll('.dismiss')];
      const gone = crosses.every((cross) => cross.getAttribute('aria-label') !== label);
      return gone && crosses.indexOf(shadowRoot.activeElement) + 1;
    },
    [FEED, label],
  );
  ensure((await place.jsonValue()) === 4, `the focus is at place ${await place.jsonValue()}`);
};

/** More of a list, each page asked for once unless it failed; what is recorded meanwhile asks nothing. */
const more = async (page, box) => {
  const nTiles = () => page.locator('vitrine-search .tile').count();
  await box.fill('tea');
  await box.press('Enter');
  await page.getByText('40 products for', { exact: false }).first().waitFor();
  await page.locator('vitrine-search .add').first().click();
  await page.evaluate(() => (globalThis.broken = true));
  await page.getByRole('button', { name: 'Show more' }).click();
  const again = page.locator('vitrine-search').getByRole('button', { name: 'Try again' });
  await again.waitFor();
  const said = page.locator('vitrine-search .end p');
  ensure((await said.textContent()) === 'The products cannot be loaded right now.', await said.textContent());
  ensure((await nTiles()) === 24, `${await nTiles()} tiles are left after a failure`);
  await page.evaluate(() => (globalThis.broken = false));
  await again.press('Enter');
  await page.waitForFunction(() => document.querySelector('vitrine-search').shadowRoot.querySelectorAll('.tile').length === 40);
  ensure((await said.isHidden()) && (await again.isHidden()), 'the failure is still shown');
  const place = await page.evaluate(() => {
    const { activeElement } = document.querySelector('vitrine-search').shadowRoot;
    return [...activeElement.parentElement.children].indexOf(activeElement) + 1;
  });
  ensure(place === 25, `the focus is at place ${place}, not at the first new product`);
  const pages = (await calls(page, 'search')).filter(([query]) => query === 'tea').map(([, { page }]) => page);
  ensure(pages.join() === '1,2,2', `pages ${pages} were asked for`);
};

const search = async (page) => {
  const box = page.getByRole('combobox', { name: 'Search' });
  await box.focus();
  await box.pressSequentially('gre');
  await page.waitForSelector('vitrine-search [role="option"]');
  ensure((await box.getAttribute('aria-expanded')) === 'true', 'the list is not said to be open');
  ensure((await calls(page, 'search')).length === 0, 'typing has searched');
  const pictured = await page.$$eval('vitrine-search [role="option"]:has(img)', (all) => all.map((option) => option.textContent));
  ensure(pictured.join() === 'Green tea number 2', `with a picture: ${pictured}`);
  await box.press('ArrowDown');
  await box.press('ArrowDown');
  await box.press('ArrowUp');
  const active = await page.evaluate(() => {
    const { shadowRoot } = document.querySelector('vitrine-search');
    const id = shadowRoot.activeElement.getAttribute('aria-activedescendant');
    const option = shadowRoot.getElementById(id);
    return [option.textContent, option.getAttribute('aria-selected')];
  });
  ensure(active.join() === 'green tea,true', `active is ${active}`);
  await box.press('Escape');
  ensure((await box.getAttribute('aria-expanded')) === 'false', 'Escape does not close the list');
  await box.press('ArrowDown');
  await page.waitForSelector('vitrine-search [role="option"]');
  await page.evaluate(() => document.querySelector('vitrine-search').search(''));
  ensure((await box.getAttribute('aria-expanded')) === 'false', 'a search of the page leaves the list open');
  await box.pressSequentially('gre');
  await page.waitForSelector('vitrine-search [role="option"]');
  await box.press('Escape');
  await box.press('ArrowDown');
  await page.waitForSelector('vitrine-search [role="option"]');
  await box.press('ArrowDown');
  await box.press('Enter');
  await state(page, 'vitrine-search', 'ready');
  ensure((await page.inputValue('vitrine-search input[role="combobox"]')) === 'green tea', 'the words are not in the box');
  await page.getByText('“tee” was read as “tea”.').waitFor();
  ensure((await page.locator('vitrine-search h2').textContent()) === '20 products for “green tea”', 'the heading');

  // Facets: two brands, then all of them back.
  const facets = page.locator('vitrine-search details');
  if (!(await facets.evaluate((details) => details.open))) await facets.locator('summary').click();
  await page.getByRole('checkbox', { name: 'Acme' }).check();
  await page.getByText('7 products for', { exact: false }).first().waitFor();
  await page.getByRole('checkbox', { name: 'Best' }).check();
  await page.getByText('14 products for', { exact: false }).first().waitFor();
  ensure(await page.getByRole('checkbox', { name: 'Best' }).evaluate((box) => box === box.getRootNode().activeElement), 'the focus left the facet');
  await page.getByRole('button', { name: 'Remove Acme' }).click();
  await page.getByText('7 products for', { exact: false }).first().waitFor();
  const asked = await calls(page, 'search');
  ensure(JSON.stringify(asked.at(-1)[1].filters) === '{"brands":["Best"]}', `asked with ${JSON.stringify(asked.at(-1))}`);
  // The focus goes to the filter beside the one that went, and in the end to the box.
  const focused = () => page.evaluate(() => document.querySelector('vitrine-search').shadowRoot.activeElement?.outerHTML);
  const best = page.getByRole('button', { name: 'Remove Best' });
  ensure(await best.evaluate((chip) => chip === chip.getRootNode().activeElement), `the focus is at ${await focused()}`);
  await best.press('Enter');
  await page.getByText('20 products for', { exact: false }).first().waitFor();
  ensure(await box.evaluate((box) => box === box.getRootNode().activeElement), `the focus is at ${await focused()}`);

  await more(page, box);

  // What cannot be answered is not answered with what was there before.
  await box.fill('broken');
  await box.press('Enter');
  await state(page, 'vitrine-search', 'failed');
  ensure((await page.locator('vitrine-search .tile').first().isHidden()), 'other results are shown');
};

/** The attribute `heading` is followed also when it changes; an empty one leaves the heading out. */
const headings = async (page, name, otherwise) => {
  const element = page.locator(name);
  const set = (heading) => element.evaluate((node, heading) => node.setAttribute('heading', heading), heading);
  await set('Of your own');
  await element.locator('h2', { hasText: 'Of your own' }).waitFor();
  await set('');
  await element.locator('h2').waitFor({ state: 'detached' });
  await element.evaluate((node) => node.removeAttribute('heading'));
  await element.locator('h2', { hasText: otherwise }).waitFor();
};

const privacy = async (page) => {
  await headings(page, 'vitrine-privacy', 'Your data');
  await headings(page, 'vitrine-why', 'Why this?');
  // A page with a consent tool of its own leaves out the switch, and the rest stays.
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('vitrine-privacy::part(consent) { display: none }');
    document.adoptedStyleSheets = [sheet];
  });
  ensure(await page.getByRole('switch').isHidden(), 'the switch cannot be left out');
  ensure(await page.getByRole('heading', { name: 'Your data' }).isVisible(), 'the heading went with the switch');
  await page.evaluate(() => (document.adoptedStyleSheets = []));
  await page.getByText('You often buy tea.').waitFor();
  await page.getByText('/v1/manifest').waitFor();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save a copy' }).click();
  ensure((await saved).suggestedFilename() === 'vitrine.json', 'no copy was saved');
  const erase = page.getByRole('button', { name: 'Erase everything' });
  await erase.click();
  await page.getByRole('button', { name: 'Keep it' }).click();
  ensure((await calls(page, 'erase')).length === 0, 'erased without an answer');
  await erase.click();
  await page.getByRole('button', { name: 'Erase', exact: true }).click();
  await page.getByText('Nothing is recorded.').waitFor();
  await page.getByRole('switch').uncheck();
  await page.waitForSelector('vitrine-privacy[data-consent="refused"]');
};

/** Phone and desktop, light and dark: nothing sticks out, axe finds nothing. */
const looks = async (browser, base) => {
  for (const [width, colorScheme] of [[390, 'light'], [390, 'dark'], [1440, 'light'], [1440, 'dark']]) {
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', bypassCSP: true });
    const { page } = await opened(context, base);
    await page.locator(`${FEED} .link`).first().click();
    await state(page, 'vitrine-related', 'ready');
    await page.evaluate(() => document.querySelector('vitrine-search').search('tea'));
    await page.evaluate(() => (document.querySelector('vitrine-search').shadowRoot.querySelector('details').open = true));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    ensure(wide <= width, `at ${width} pixels the page is ${wide} wide`);
    const columns = await page.$$eval(`${FEED} li`, (all) => new Set(all.map((item) => item.offsetLeft)).size);
    ensure(width === 390 ? columns === 2 : columns >= 5, `${columns} columns at ${width} pixels`);
    const ink = await page.locator('vitrine-feed').first().evaluate((node) => getComputedStyle(node).color);
    ensure(ink === (colorScheme === 'dark' ? 'rgb(237, 240, 238)' : 'rgb(27, 31, 29)'), `text is ${ink} in the ${colorScheme}`);
    const faults = await axe(page);
    ensure(faults.length === 0, `${width} pixels, ${colorScheme}: ${faults.join('; ')}`);
    if (process.env.VITRINE_SHOTS) {
      await page.screenshot({ path: path.join(process.env.VITRINE_SHOTS, `elements-${width}-${colorScheme}.png`), fullPage: true });
    }
    await context.close();
  }
};

/** While the engine starts, and when it cannot. */
const fallback = async (context, base) => {
  const { page: waiting } = await opened(context, base, '?core=waits');
  await state(waiting, 'vitrine-feed', 'loading');
  ensure(await waiting.locator(FALLBACK).isVisible(), 'no fallback content while loading');
  // Placeholders move, but not for who wants no motion.
  const moving = () =>
    waiting.evaluate(() => document.querySelector('#own').shadowRoot.getAnimations().length);
  ensure((await moving()) > 0, 'placeholders do not move');
  await waiting.emulateMedia({ reducedMotion: 'reduce' });
  ensure((await moving()) === 0, 'something moves for who wants no motion');
  await waiting.evaluate(() => globalThis.release());
  await state(waiting, 'vitrine-feed', 'ready');
  ensure(await waiting.locator(FALLBACK).isHidden(), 'fallback content beside the feed');

  const { page: failed, warnings } = await opened(context, base, '?core=fails');
  for (const name of ['vitrine-search', FEED, '#own', 'vitrine-why', 'vitrine-related', 'vitrine-privacy']) {
    await failed.waitForSelector(`${name}[data-state="failed"]`, { state: 'attached' });
  }
  ensure(await failed.locator(FALLBACK).isVisible(), 'no fallback content after a failure');
  ensure(warnings.includes('<vitrine-feed>: the server cannot be reached'), `the console has ${warnings}`);
  // A page that handles failures itself has none of them in its console.
  const before = warnings.length;
  await failed.evaluate(async () => {
    document.addEventListener('vitrine-error', (event) => event.preventDefault());
    await document.querySelector('vitrine-feed').refresh();
  });
  ensure(warnings.length === before, `handled, and yet ${warnings.slice(before)}`);
  await failed.evaluate(() => (globalThis.recovered = true));
  await failed.locator('#own').getByRole('button', { name: 'Try again' }).click();
  await state(failed, '#own', 'ready');
};

await run(async (browser) => {
  const [size, language] = await bytes();
  ensure(size <= BYTES_MAX, `the elements are ${size} bytes, ${size - BYTES_MAX} too many`);
  ensure(language <= LANGUAGE_BYTES_MAX, `a language is ${language} bytes`);
  const trusted = "; require-trusted-types-for 'script'; trusted-types 'none'";
  const { origin, close } = await serve(ROUTES, () => policyFor('http://localhost:9') + trusted);
  const context = await browser.newContext();
  const { page, errors } = await opened(context, origin);
  await feed(page);
  await consent(page);
  await events(page);
  await following(page);
  await search(page);
  await privacy(page);
  ensure(errors.length === 0, `the console has ${errors.join('; ')}`);
  await languages(context, origin);
  await fallback(context, origin);
  await looks(browser, origin);
  say({ size });
  close();
});
