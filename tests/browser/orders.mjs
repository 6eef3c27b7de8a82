// Three clicks in one department raise its share; another persona gets another
// feed; the device learns until it is told not to; deleting the data restores the popularity order.
// usage: node orders.mjs BASE gpu|cpu
import { ensure, home, open, rareDepartment, run, say, share, synced, tiles, view } from './lib.mjs';

const [base, backend] = process.argv.slice(2);

const badge = (page) =>
  page.$eval('[data-testid="badge"]', (badge) => ({ ...badge.dataset, title: badge.title }));

const persona = async (browser, choose) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await open(page, base, backend);
  await synced(page);
  await home(page);
  const before = await tiles(page);
  const chosen = choose(before);
  const orders = [];
  for (const item of chosen.items) {
    await view(page, item);
    orders.push(await tiles(page));
  }
  return { context, page, before, chosen, orders };
};

await run(async (browser) => {
  const first = await persona(browser, (tiles) => rareDepartment(tiles));
  const { department } = first.chosen;
  const after = first.orders.at(-1);
  const shares = [share(first.before, department), share(after, department)];
  ensure(shares[1] > shares[0], `share of ${department} went from ${shares[0]} to ${shares[1]}`);
  const ranked = await badge(first.page);
  ensure(ranked.backend === backend, `ranked by ${ranked.backend}: ${ranked.title}`);

  const second = await persona(browser, (tiles) => rareDepartment(tiles, [department]));
  const other = second.orders.at(-1);
  ensure(
    other.slice(0, 20).some((tile, i) => tile.item !== after[i].item),
    'two personas got one feed',
  );
  ensure(
    JSON.stringify(second.before) === JSON.stringify(first.before),
    'two empty logs got two feeds',
  );

  await first.page.evaluate(() => (location.hash = '#/privacy'));
  const learned = () => first.page.textContent('[data-testid="learned"]');
  ensure((await learned()).startsWith('Learned from 0 purchases.'), await learned());
  await first.page.click('[data-testid="learn"]');
  await first.page.waitForSelector('[data-testid="learn"][data-on="false"]');
  ensure((await learned()).startsWith('Off:'), await learned());
  await first.page.click('[data-testid="delete"]');
  await first.page.click('[data-testid="delete-confirm"]');
  await first.page.waitForSelector('html[data-events="0"]');
  await home(first.page);
  const restored = await tiles(first.page);
  const items = (tiles) => tiles.map((tile) => tile.item).join();
  ensure(items(restored) === items(first.before), 'deleting did not restore the popularity order');

  say({ department, shares, badge: ranked, popular: first.before, orders: first.orders, other });
});
