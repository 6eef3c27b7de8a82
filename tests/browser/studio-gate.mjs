// A token that the server does not take, and no token: nothing of the Studio is shown.
// usage: node studio-gate.mjs BASE TOKEN
import { ensure, record, run, say } from './lib.mjs';

const [base, token] = process.argv.slice(2);

await run(async (browser) => {
  const page = await browser.newPage();
  const log = [];
  record(page, log);
  await page.goto(`${base}/studio`);
  await page.waitForSelector('[data-testid="token"]');
  ensure(!log.some(({ url }) => url.includes('/v1/')), 'the gate asked before it had a token');
  await page.click('[data-testid="enter"]');
  ensure(!log.some(({ url }) => url.includes('/v1/')), 'an empty token was sent');

  await page.fill('[data-testid="token"]', token);
  await page.click('[data-testid="enter"]');
  const closed = await page.textContent('[data-testid="failure"]');
  const n_orders = await page.locator('[data-testid="orders"], [data-testid="persona"]').count();
  const kept = await page.evaluate(() => sessionStorage.length + localStorage.length);
  ensure(kept === 0, 'a token that opens nothing was kept');
  const status = await page.evaluate(async () => (await fetch('/v1/studio/report')).status);
  say({ closed, n_orders, status });
});
