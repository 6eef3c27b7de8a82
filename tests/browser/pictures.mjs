// The requests of a session in a shop with pictures of its own, and what it shows.
// usage: node pictures.mjs BASE quiet|busy|leaky
// `leaky` plants a leak: the picture of what was opened is fetched from the server.
import { ensure, home, open, recorder, run, say, shellKept, synced, tiles, view } from './lib.mjs';

const [server, behaviour] = process.argv.slice(2);

/** Pictures that are drawn: not only there, but decoded. */
const drawn = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.picture.photo:not(.waiting) img')].filter(
      (image) => image.src.startsWith('blob:') && image.naturalWidth > 0,
    ).length,
  );

/** Notes whether the blur of a picture was ever drawn while that was on its way. */
const noteBlurs = () => {
  const look = () => {
    const waiting = [...document.querySelectorAll('.picture.photo.waiting')];
    const isBlurred = (place) => place.style.backgroundImage.includes('data:image/bmp');
    window.sawBlur ||= waiting.some(isBlurred);
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
};

await run(async (browser) => {
  const { base, log, close } = await recorder(server);
  const outside = [];
  const errors = [];
  const context = await browser.newContext({ viewport: { width: 1440, height: 3000 } });
  const page = await context.newPage();
  page.on('request', (request) => {
    const url = request.url();
    if (url.startsWith('http') && !url.startsWith(base)) outside.push(url);
  });
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.addInitScript(noteBlurs);
  await open(page, base, 'cpu');
  await synced(page);
  await page.waitForFunction(() => document.querySelector('.picture.photo:not(.waiting)'));
  let nShown = await drawn(page);
  ensure(nShown > 20, `${nShown} pictures are drawn`);
  ensure(await page.evaluate(() => window.sawBlur), 'no blur was drawn before its picture');

  let nPhotos = 0;
  let nNeutral = 0;
  if (behaviour !== 'quiet') {
    const all = await tiles(page);
    for (const { item } of all.slice(10, 14)) {
      await view(page, item);
      if (behaviour === 'leaky') await page.evaluate((item) => fetch(`/healthz?of=${item}`), item);
    }
    // A gallery, its second picture, and what the shop says of the product.
    for (const { item } of all) {
      await page.evaluate((item) => (location.hash = `#/item/${item}`), item);
      await page.waitForSelector(`[data-testid="product"][data-item="${item}"]`);
      if (await page.$('[data-testid="gallery"]')) break;
    }
    await page.click('.gallery-row button:nth-child(2)');
    await page.waitForSelector('.gallery-row button:nth-child(2)[aria-pressed="true"]');
    const details = await page.textContent('[data-testid="details"]');
    ensure(/Described as \d+/.test(details), `the page says: ${details}`);
    await page.waitForFunction(() => document.querySelectorAll('.gallery img').length === 3);
    nShown += await drawn(page);
    await home(page);
    const before = (await tiles(page)).length;
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.waitForFunction(
      (before) => document.querySelectorAll('[data-testid="feed"] [data-testid="tile"]').length === 2 * before,
      before,
    );
    nPhotos = await page.$$eval(
      '[data-testid="feed"] .picture.photo:not(.waiting)',
      (all) => all.length,
    );
    nNeutral = (await page.$$('.picture.neutral')).length;
  }
  // Both reload and come back.
  await page.evaluate(() => (location.hash = '#/'));
  await shellKept(page);
  await page.reload();
  await synced(page);
  ensure(errors.length === 0, errors.join('; '));
  ensure(outside.length === 0, `requests to ${outside}`);
  say({
    n_shown: nShown,
    n_photos: nPhotos,
    n_neutral: nNeutral,
    log: log(),
  });
  close();
});
