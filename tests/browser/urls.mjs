// Arriving at a product by an address of its own: what the server is told, what is there before
// and without the program, and that nothing tells more afterwards.
// usage: node urls.mjs BASE PATH-OF-A-PRODUCT quiet|busy|leaky
//        node urls.mjs BASE PATH-OF-A-PRODUCT page PATH-OF-A-CATEGORY
import { ensure, events, recorder, run, say, shellKept, synced, view } from './lib.mjs';

const [server, path, behaviour, category] = process.argv.slice(2);
const item = /^\/p\/([0-9a-f]{16})/.exec(path)[1];
const PRODUCT = `[data-testid="product"][data-item="${item}"]`;

const arrive = async (page, base, to = path) => {
  await page.goto(`${base}${to}?backend=cpu&utm_campaign=${item}`);
  await page.waitForSelector(PRODUCT, { timeout: 60_000 });
};

/** The same arrival, and one reload; between them what the behaviour is. */
const visit = async (browser) => {
  const { base, log, close } = await recorder(server);
  const context = await browser.newContext();
  const page = await context.newPage();
  await arrive(page, base);
  await synced(page);
  if (behaviour !== 'quiet') {
    await page.waitForSelector('[data-testid="tile"] a[href^="#/item/"]');
    const links = await page.$$eval('a[href^="#/item/"]', (all) => all.map((a) => a.getAttribute('href')));
    ensure(links.length > 0, 'nothing is beside the product');
    const others = [...new Set(links)].slice(0, 3).map((link) => link.slice('#/item/'.length));
    for (const other of others) {
      await view(page, other);
      if (behaviour === 'leaky') await page.evaluate((other) => fetch(`/p/${other}`), other);
    }
    await page.evaluate((item) => (location.hash = `#/item/${item}`), item);
    await page.waitForSelector(PRODUCT);
    await page.click('[data-testid="add-to-basket"]');
    await page.evaluate(() => (location.hash = '#/basket'));
    await page.waitForSelector('[data-testid="basket-line"]');
  }
  await shellKept(page);
  await page.reload();
  await page.waitForSelector(`${PRODUCT}, [data-testid="basket-line"]`);
  await synced(page);
  // Coming again by the address tells nothing of it.
  await page.goto('about:blank');
  await arrive(page, base);
  await synced(page);
  say({ n_events: await events(page), log: log() });
  close();
};

/** Everything that a page says of itself in its head. */
const head = (page) =>
  page.evaluate(() => ({
    title: document.title,
    canonical: document.querySelector('link[rel="canonical"]')?.href,
    description: document.querySelector('meta[name="description"]')?.content,
    properties: [...document.querySelectorAll('meta[property]')].map((of) => of.getAttribute('property')),
    structured: [...document.querySelectorAll('script[type="application/ld+json"]')].map(
      (of) => JSON.parse(of.textContent)['@type'],
    ),
  }));

/** The prices of a page that the server drew, in its order. */
const prices = (page) => page.$$eval('main [data-minor]', (all) => all.map((of) => of.textContent));

const look = async (browser) => {
  // Without JavaScript: a page to read, whose links go on.
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const reader = await plain.newPage();
  await reader.goto(`${server}${path}`);
  const canonical = await reader.locator('link[rel="canonical"]').getAttribute('href');
  ensure(canonical?.endsWith(path), `the canonical address is ${canonical}`);
  const text = await reader.textContent('main');
  const heading = await reader.textContent('main h1');
  ensure(!(await reader.isVisible('#search')), 'a search box that does nothing');
  const written = await prices(reader);
  ensure(written.length > 0, 'no price');
  await reader.click('main a[href^="/c/"]');
  await reader.waitForSelector('main h1');
  await reader.click('main a[href^="/p/"]');
  ensure(new URL(reader.url()).pathname.startsWith('/p/'), 'links lead nowhere');
  await plain.close();

  // With it: the server's page, until the program is there and shows the same product.
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('about:blank');
  await page.goto(`${server}${path}?backend=cpu&utm_campaign=x`);
  await page.waitForSelector('main[data-front] .product');
  await page.waitForFunction(() => location.pathname === '/');
  const first = await head(page);
  const rewritten = await prices(page);
  ensure(`${rewritten}` === `${written}`, `prices jump from ${written} to ${rewritten}`);
  const address = await page.evaluate(() => location.pathname + location.search + location.hash);
  ensure(address === `/?backend=cpu#/item/${item}`, `the address is ${address}`);
  const real = await page.$$eval('a[href^="/p/"], a[href^="/c/"]', (all) => all.length);
  ensure(real === 0, `${real} links name products to the server`);
  ensure(await page.isVisible('#search'), 'no search box');
  // What is drawn from now on, so that a flash of another page is seen.
  await page.evaluate(() => {
    globalThis.headings = new Set();
    const note = () => globalThis.headings.add(document.querySelector('main h1')?.textContent);
    new MutationObserver(note).observe(document.getElementById('app'), { childList: true, subtree: true });
  });
  release();
  await page.waitForSelector(PRODUCT);
  await synced(page);
  const headings = await page.evaluate(() => [...globalThis.headings].filter(Boolean));
  const programReal = await page.$$eval('a[href^="/p/"], a[href^="/c/"]', (all) => all.length);
  ensure(programReal === 0, 'the program links to real addresses');
  // Forward and back through the fragment.
  await page.click('a[href^="#/item/"]');
  await page.waitForSelector(`[data-testid="product"]:not([data-item="${item}"])`);
  const left = await head(page);
  ensure(!left.canonical && left.structured.length === 0, 'another product has the head of the first');
  await page.goBack();
  await page.waitForSelector(PRODUCT);
  await page.goBack();
  ensure(page.url() === 'about:blank', `back leads to ${page.url()}`);
  await context.close();

  // A category.
  const shelf = await (await browser.newContext()).newPage();
  await shelf.goto(`${server}${category}?backend=cpu`);
  await shelf.waitForSelector('[data-testid="results"] [data-testid="tile"]');
  const opened = await shelf.evaluate(() => location.pathname + location.hash);
  ensure(opened.startsWith('/#/search?q=&department='), `the category became ${opened}`);
  await synced(shelf);
  await shelf.evaluate(() => (location.hash = '#/privacy'));
  const told = await shelf.textContent('[data-testid="addresses"]');

  // Without a network the kept page shows the product.
  await shellKept(shelf);
  await shelf.context().setOffline(true);
  await shelf.goto(`${server}${path}`);
  await shelf.waitForSelector(PRODUCT);
  say({ text, heading, first, headings, told, errors });
};

await run((browser) => (behaviour === 'page' ? look(browser) : visit(browser)));
