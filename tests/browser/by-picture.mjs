// A search with a picture: whatever is shown to it, the same is sent, and none of it is a picture.
// usage: node by-picture.mjs BASE FOLDER one|other|leaky
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensure, open, recorder, run, say, shellKept, synced } from './lib.mjs';

const [server, folder, behaviour] = process.argv.slice(2);
/** Which products' pictures each shopper shows. */
const SHOWN = behaviour === 'other' ? [21, 40, 8] : [0];

await run(async (browser) => {
  const { base, log, close } = await recorder(server);
  const errors = [];
  const page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await open(page, base, 'cpu');
  await synced(page);
  await shellKept(page);
  await page.click('[data-testid="nav-picture"]');
  ensure(!(await page.$('#picture-file')), 'it is turned on before it is used');
  await page.click('[data-testid="picture-search"]');
  await page.waitForSelector('#picture-file', { state: 'attached' });
  const found = {};
  for (const n of SHOWN) {
    await page.setInputFiles('#picture-file', path.join(folder, `img/${n}.png`));
    // Ten of all products are of one hue and its neighbours, so that several are alike.
    await page.waitForFunction(
      (before) => {
        const first = document.querySelector('[data-testid="by-picture"] [data-testid="tile"]');
        return first && first.textContent !== before;
      },
      found[SHOWN[SHOWN.indexOf(n) - 1]]?.[0],
    );
    found[n] = await page.$$eval('[data-testid="by-picture"] [data-testid="tile"]', (all) =>
      all.map((tile) => tile.textContent),
    );
    if (behaviour === 'leaky') await page.evaluate((n) => fetch(`/healthz?seen=${n}`), n);
  }
  if (behaviour === 'other') {
    await page.setInputFiles('#picture-file', {
      name: 'page.png',
      mimeType: 'image/png',
      buffer: readFileSync(path.join(folder, 'feed.csv')),
    });
    await page.waitForSelector('[data-testid="picture-failure"]:not([hidden])');
    // The camera is on while one looks through it, and what it sees stays here, too.
    await page.click('[data-testid="picture-camera"]');
    await page.waitForFunction(() => document.querySelector('.camera video')?.videoWidth > 0);
    await page.click('[data-testid="picture-take"]');
    await page.waitForSelector('img.searched-with');
    ensure(!(await page.$('.camera video')), 'the camera stays on');
    await page.waitForFunction(() => {
      const failure = document.querySelector('[data-testid="picture-failure"]');
      return document.querySelector('[data-testid="by-picture"]') || !failure.hidden;
    });
  }
  await page.evaluate(() => (location.hash = '#/privacy'));
  await page.waitForSelector('[data-testid="request"]');
  // The choice survives a reload, and so does what it fetched.
  await page.evaluate(() => (location.hash = '#/picture'));
  await page.reload();
  await page.waitForSelector('#picture-file', { state: 'attached' });
  await synced(page);
  ensure(errors.length === 0, errors.join('; '));
  say({ log: log(), found });
  close();
});
