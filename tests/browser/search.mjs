// The search box completes without a request, by keyboard; the results show what
// was read from the words, and take it back; counts are what choosing them gives.
// usage: node search.mjs BASE
import { ensure, open, record, run, say, synced } from './lib.mjs';

const [base] = process.argv.slice(2);
const BOX = '[data-testid="search-box"]';
const SUGGESTION = '[data-testid="suggestion"]';

/** Does what leads to another search; the number of its results. */
const nAfter = async (page, act) => {
  const answer = page.waitForResponse((response) => response.url().endsWith('/v1/search'));
  await act();
  await answer;
  await page.waitForSelector('[data-testid="search-results"][data-order]');
  const words = await page.textContent('[data-testid="result-count"]');
  return Number(/^[\d,.\s]+/.exec(words)[0].replace(/\D/g, ''));
};

await run(async (browser) => {
  const page = await (await browser.newContext()).newPage();
  const log = [];
  record(page, log);
  await open(page, base, 'cpu');
  await synced(page);

  const nBefore = log.length;
  await page.click(BOX);
  await page.keyboard.type('choc');
  await page.waitForSelector(SUGGESTION);
  await page.keyboard.press('ArrowDown');
  const active = await page.getAttribute(BOX, 'aria-activedescendant');
  const chosen = await page.textContent(`#${active} span`);
  const isMarked = await page.getAttribute(`#${active}`, 'aria-selected');
  ensure(isMarked === 'true', 'the active option is not marked');
  ensure(chosen.toLowerCase().includes('choc'), `“${chosen}” was suggested for “choc”`);
  ensure(log.length === nBefore, `typing sent ${log.slice(nBefore).map((r) => r.url)}`);
  await page.keyboard.press('Escape');
  ensure((await page.getAttribute(BOX, 'aria-expanded')) === 'false', 'Escape did not close');
  await page.keyboard.press('ArrowDown');
  await page.waitForSelector(SUGGESTION);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-testid="search-results"] [data-testid="tile"]');
  ensure((await page.inputValue(BOX)) === chosen, 'the field does not show what was chosen');

  const nNarrow = await nAfter(page, async () => {
    await page.fill(BOX, 'milk zzqx under 3');
    await page.press(BOX, 'Enter');
  });
  await page.waitForSelector('[data-testid="words-left-out"]');
  const nWide = await nAfter(page, () => page.click('[data-testid="read-filters"] a'));
  ensure(nNarrow > 0 && nNarrow < nWide, `${nNarrow} results under 3, ${nWide} in all`);
  ensure((await page.inputValue(BOX)) === 'milk zzqx', 'the words of the condition are still there');

  await page.waitForSelector('[data-testid="price-ranges"] a');
  const range = await page.textContent('[data-testid="price-ranges"] li:first-child .muted');
  const nCounted = Number(range.replace(/\D/g, ''));
  const nChosen = await nAfter(page, () => page.click('[data-testid="price-ranges"] a'));
  ensure(nChosen === nCounted, `${nCounted} were counted, ${nChosen} found`);

  await nAfter(page, () => page.selectOption('[data-testid="sort"]', 'price_ascending'));
  const prices = await page.$$eval('[data-testid="results"] [data-testid="tile"]', (tiles) =>
    tiles.map((tile) => Number(/\$([\d,.]+)/.exec(tile.textContent)?.[1] ?? 'NaN')),
  );
  ensure(prices.length > 1, 'nothing to sort');
  ensure(prices.every((price, i) => i === 0 || price >= prices[i - 1]), `sorted: ${prices}`);
  await nAfter(page, async () => {
    await page.fill(BOX, 'lactose free milk');
    await page.press(BOX, 'Enter');
  });
  const note = await page.textContent('[data-testid="free-of"]');
  ensure(note.includes('free of lactose'), `the page says “${note}” of the condition`);
  const chips = await page.textContent('[data-testid="read-filters"]');
  ensure(chips.includes('free of lactose'), `the conditions are “${chips}”`);
  const nTiles = await page.locator('[data-testid="results"] [data-testid="tile"]').count();
  const nWarned = await page.locator('[data-testid="tile-warning"]').count();
  const nSaid = Number(/^(\d+) results? says?/.exec(note)?.[1] ?? 0);
  ensure(nWarned >= nTiles - nSaid, `${nWarned} of ${nTiles} products warn, ${nSaid} need not`);
  await nAfter(page, () => page.click('[data-testid="read-filters"] .plain a'));
  ensure((await page.inputValue(BOX)).includes('"lactose free"'), 'it cannot be taken back');

  say({ nNarrow, nWide, nChosen, prices });
});
