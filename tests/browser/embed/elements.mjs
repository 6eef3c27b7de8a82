// The elements with an engine in memory: what they show, send and let the page decide.
// usage: node embed/elements.mjs
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { ensure, run, say } from '../lib.mjs';
import { PACKAGES, policyFor, serve } from './elements-server.mjs';

/** All of the package that a browser loads, in bytes. */
const BYTES_MAX = 60_000;
const AXE = createRequire(path.join(process.env.VITRINE_TOOLS, 'node_modules', 'x.js')).resolve('axe-core');
const ROUTES = [
  ['/vitrine/elements/', path.join(PACKAGES, 'elements')],
  ['/vitrine/core/index.js', path.join(import.meta.dirname, 'elements-core.js')],
  ['/style.css', path.join(PACKAGES, 'examples/plain/style.css')],
  ['/index.html', path.join(import.meta.dirname, 'elements-page.html')],
];

const bytes = async () => {
  const folder = path.join(PACKAGES, 'elements');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
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
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${base}/index.html${query}`);
  return { page, errors };
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
  ensure((await titles(page, 'vitrine-feed:not(#own)')).length === 12, 'not twelve tiles');
  const prices = await page.$$eval('vitrine-feed:not(#own) .price', (all) => all.map((price) => price.textContent));
  ensure(prices[0] === 'from €1.50' && prices[1] === '€1.51', `prices are ${prices.slice(0, 2)}`);
  const [add, href] = await page.$$eval('vitrine-feed:not(#own) .tile', (tiles) => [
    tiles[4].querySelector('.add'),
    tiles[2].querySelector('.link').getAttribute('href'),
  ]);
  ensure(add === null, 'what is sold out has a button');
  ensure(href === null, 'a link that is no web address was taken over');
  const hidden = await page.locator('#fallback').isHidden();
  ensure(hidden, 'fallback content is shown beside the feed');
  // The shop's own tiles are its own: the page's style sheet reaches them.
  const own = await page.$$eval('#own .card', (all) =>
    all.map((card) => [card.textContent.replace(/\s+/g, ' ').trim(), getComputedStyle(card).borderStyle, card.getAttribute('href')]),
  );
  ensure(own.length === 4, `${own.length} own tiles`);
  ensure(own[0].join() === 'Black tea number 1 from €1.50 On offer,dashed,/item/1', `an own tile is ${own[0]}`);
  ensure(own[2][2] === null, 'an own tile leads to what is no web address');
};

const consent = async (page) => {
  await page.locator('vitrine-feed:not(#own) .add').first().click();
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
  await page.locator('vitrine-feed:not(#own) .add').nth(1).click();
  await page.evaluate(() => (globalThis.handles = false));
  ensure((await calls(page, 'record')).length === before, 'what the page handled was recorded');
  await page.locator('#own button').nth(1).click();
  await page.waitForFunction((n) => globalThis.calls.filter(([name]) => name === 'record').length > n, before);
  await page.locator('vitrine-feed:not(#own) .link').nth(1).click();
  await page.locator('#own .card').nth(3).click();
  const heard = JSON.stringify(await page.evaluate(() => globalThis.heard));
  const expected = [['vitrine-add', 2, 2], ['vitrine-add', 2, 2], ['vitrine-select', 2, 2], ['vitrine-select', 4, 4]];
  ensure(heard === JSON.stringify(expected), `the page heard ${heard}`);
  ensure(page.url().endsWith('/index.html'), `the page went to ${page.url()}`);
};

/** The feed follows what is recorded, but not under the hands of who is in it. */
const following = async (page) => {
  const feed = 'vitrine-feed:not(#own)';
  await page.locator(`${feed} .link`).first().focus();
  const before = await titles(page, feed);
  await page.evaluate(async () => {
    const { engine } = await import('/vitrine/elements/index.js');
    await (await engine()).record({ type: 'view_item', id: 12 });
  });
  // The shop's own tiles stand in the order of their slots.
  await page.waitForFunction(() => {
    const [first] = document.querySelector('#own').shadowRoot.querySelector('slot.own').assignedElements();
    return first.textContent.includes('number 12');
  });
  ensure((await titles(page, feed)).join() === before.join(), 'the feed moved under the focus');
  await page.getByRole('combobox').focus();
  await page.waitForFunction(() =>
    document.querySelector('vitrine-feed:not(#own)').shadowRoot.querySelector('.link').textContent.endsWith('number 12'),
  );
  // What is of no interest goes, and the focus stays in the list.
  const dismiss = page.locator(`${feed} .dismiss`);
  const label = await dismiss.nth(3).getAttribute('aria-label');
  await dismiss.nth(3).press('Enter');
  await page.waitForFunction((label) => {
    const { shadowRoot } = document.querySelector('vitrine-feed:not(#own)');
    const focused = shadowRoot.activeElement;
    return focused?.matches('.dismiss') && focused.getAttribute('aria-label') !== label;
  }, label);
  const place = await page.evaluate(() => {
    const { shadowRoot } = document.querySelector('vitrine-feed:not(#own)');
    return [...shadowRoot.querySelectorAll('.dismiss')].indexOf(shadowRoot.activeElement);
  });
  ensure(place === 3, `the focus is at place ${place + 1}`);
};

const search = async (page) => {
  const box = page.getByRole('combobox', { name: 'Search' });
  await box.focus();
  await box.pressSequentially('gre');
  await page.waitForSelector('vitrine-search [role="option"]');
  ensure((await box.getAttribute('aria-expanded')) === 'true', 'the list is not said to be open');
  ensure((await calls(page, 'search')).length === 0, 'typing has searched');
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

  // More of a list, each page asked for once; what is recorded meanwhile asks nothing.
  await box.fill('tea');
  await box.press('Enter');
  await page.getByText('40 products for', { exact: false }).first().waitFor();
  await page.locator('vitrine-search .add').first().click();
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.waitForFunction(() => document.querySelector('vitrine-search').shadowRoot.querySelectorAll('.tile').length === 40);
  const pages = (await calls(page, 'search')).filter(([query]) => query === 'tea').map(([, { page }]) => page);
  ensure(pages.join() === '1,2', `pages ${pages} were asked for`);

  // What cannot be answered is not answered with what was there before.
  await box.fill('broken');
  await box.press('Enter');
  await state(page, 'vitrine-search', 'failed');
  ensure((await page.locator('vitrine-search .tile').first().isHidden()), 'other results are shown');
};

const privacy = async (page) => {
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
    await state(page, 'vitrine-related', 'ready');
    await page.evaluate(() => document.querySelector('vitrine-search').search('tea'));
    await page.evaluate(() => (document.querySelector('vitrine-search').shadowRoot.querySelector('details').open = true));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    ensure(wide <= width, `at ${width} pixels the page is ${wide} wide`);
    const columns = await page.$$eval('vitrine-feed:not(#own) li', (all) => new Set(all.map((item) => item.offsetLeft)).size);
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
  ensure(await waiting.locator('#fallback').isVisible(), 'no fallback content while loading');
  // Placeholders move, but not for who wants no motion.
  const moving = () =>
    waiting.evaluate(() => document.querySelector('#own').shadowRoot.getAnimations().length);
  ensure((await moving()) > 0, 'placeholders do not move');
  await waiting.emulateMedia({ reducedMotion: 'reduce' });
  ensure((await moving()) === 0, 'something moves for who wants no motion');
  await waiting.evaluate(() => globalThis.release());
  await state(waiting, 'vitrine-feed', 'ready');
  ensure(await waiting.locator('#fallback').isHidden(), 'fallback content beside the feed');

  const { page: failed } = await opened(context, base, '?core=fails');
  await state(failed, 'vitrine-feed', 'failed');
  ensure(await failed.locator('#fallback').isVisible(), 'no fallback content after a failure');
  await failed.evaluate(() => (globalThis.recovered = true));
  await failed.locator('#own').getByRole('button', { name: 'Try again' }).click();
  await state(failed, '#own', 'ready');
};

await run(async (browser) => {
  const size = await bytes();
  ensure(size <= BYTES_MAX, `the elements are ${size} bytes, ${size - BYTES_MAX} too many`);
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
  await fallback(context, origin);
  await looks(browser, origin);
  say({ size });
  close();
});
