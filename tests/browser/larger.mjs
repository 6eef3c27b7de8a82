// A larger picture: nothing is asked for before its button is pressed, or, in an open shop, by
// the page itself. Says which pictures the server was asked for.
// usage: node larger.mjs BASE look|press|open
import { ensure, open, recorder, run, say, synced } from './lib.mjs';

const [server, behaviour] = process.argv.slice(2);

await run(async (browser) => {
  const { base, log, close } = await recorder(server);
  const errors = [];
  const page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await open(page, base, 'cpu');
  await synced(page);
  const items = await page.$$eval('[data-testid="feed"] [data-testid="tile"]', (all) =>
    all.map((tile) => tile.dataset.item).sort(),
  );
  const asked = () =>
    log()
      .map((entry) => JSON.parse(entry).path)
      .filter((path) => path.startsWith('/v1/pictures/'));
  // The same product in every run: the first of the feed that has pictures of its own.
  for (const item of items) {
    await page.evaluate((item) => (location.hash = `#/item/${item}`), item);
    await page.waitForSelector(`[data-testid="product"][data-item="${item}"]`);
    if (await page.$('.larger')) break;
  }
  const drawn = () => {
    const image = document.querySelector('[data-testid="larger"] img');
    return image?.src.startsWith('blob:') && image.naturalWidth > 320;
  };
  if (behaviour === 'open') {
    ensure(!(await page.$('[data-testid="show-larger"]')), 'there is nothing to press');
    ensure(/by itself/.test(await page.textContent('.larger')), 'the page says what it does');
  } else {
    await page.waitForSelector('[data-testid="show-larger"]:enabled');
    const told = await page.textContent('.larger');
    ensure(/Asks this shop's server for this picture/.test(told), `the page says: ${told}`);
    ensure(asked().length === 0, `asked before the button was pressed: ${asked()}`);
  }
  if (behaviour === 'press') await page.click('[data-testid="show-larger"]');
  if (behaviour !== 'look') await page.waitForFunction(drawn);

  await page.evaluate(() => (location.hash = '#/privacy'));
  await page.waitForSelector('[data-testid="request"]');
  const listed = await page.$$eval('[data-testid="request"]', (rows) =>
    rows.map((row) => row.textContent).filter((text) => text.includes('/v1/pictures/')),
  );
  ensure(listed.length === asked().length, `${listed.length} listed, ${asked().length} sent`);
  const explained = await page.textContent('[data-testid="pictures"]');
  ensure(/by itself/.test(explained) === (behaviour === 'open'), `it explains: ${explained}`);
  ensure(errors.length === 0, errors.join('; '));
  say({ asked: asked() });
  close();
});
