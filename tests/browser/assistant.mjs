// A conversation: whatever is said, the same is sent, and none of it is what was said.
// usage: node assistant.mjs BASE one|other|leaky
import { ensure, open, recorder, run, say, shellKept, synced } from './lib.mjs';

const [server, behaviour] = process.argv.slice(2);
const SAID = {
  one: ['something to drink for breakfast under 5', 'hello'],
  other: ['crackers without peanuts', 'cheaper', 'compare these', 'is it organic?', 'I want to talk to a person'],
}[behaviour === 'other' ? 'other' : 'one'];

await run(async (browser) => {
  const { base, log, close } = await recorder(server);
  const errors = [];
  const page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await open(page, base, 'cpu');
  await synced(page);
  await shellKept(page);
  await page.click('[data-testid="nav-assistant"]');
  // The page has a person to ask, and listens for it.
  await page.evaluate(() => {
    document.documentElement.dataset.contact = '';
    document.addEventListener('vitrine-contact', (event) => {
      if (globalThis.isTaken) event.preventDefault();
      globalThis.told = event.detail;
    });
  });
  const turns = [];
  for (const [n, text] of SAID.entries()) {
    await page.fill('[data-testid="assistant-field"]', text);
    await page.click('[data-testid="assistant-send"]');
    await page.waitForFunction(
      (n) => document.querySelectorAll('[data-testid="turn"]').length > n,
      n,
    );
    turns.push(await page.textContent('[data-testid="turn"]'));
    if (behaviour === 'leaky') await page.evaluate((text) => fetch(`/healthz?said=${text}`), text);
  }
  if (behaviour === 'other') {
    ensure(await page.$('[data-testid="comparison"] tbody tr'), 'nothing was compared');
    // Only what is ticked is told.
    const lines = await page.$$('[data-testid="contact-line"]');
    ensure(lines.length > 1, `${lines.length} lines can be told`);
    ensure((await page.textContent('[data-testid="contact-text"]')) === '', 'told unticked');
    await lines[0].check();
    const told = await page.textContent('[data-testid="contact-text"]');
    ensure(told && !told.includes('\n'), `one line was ticked: ${told}`);
    for (const isTaken of [false, true]) {
      await page.evaluate((isTaken) => (globalThis.isTaken = isTaken), isTaken);
      const before = await page.textContent('[data-testid="contact-outcome"]');
      await page.click('[data-testid="contact-send"]');
      ensure((await page.evaluate(() => globalThis.told)) === told, 'another text was told');
      const after = await page.textContent('[data-testid="contact-outcome"]');
      ensure(after && after !== before, `nothing is said of it: ${after}`);
    }
    ensure(page.url().endsWith('#/assistant'), 'the page was left');
    // A question in the search box opens the assistant and is no request.
    await page.evaluate(() => (location.hash = '#/'));
    await page.fill('[data-testid="search-box"]', 'is the milk lactose free?');
    await page.press('[data-testid="search-box"]', 'Enter');
    await page.waitForFunction(() => location.hash === '#/assistant');
    await page.click('[data-testid="assistant-forget"]');
    await page.waitForFunction(() => !document.querySelector('[data-testid="turn"]'));
  }
  await page.evaluate(() => (location.hash = '#/assistant'));
  await page.reload();
  await page.waitForSelector('[data-testid="assistant-field"]');
  await synced(page);
  ensure(!(await page.$('[data-testid="turn"]')), 'a conversation ends with its page');
  // What is typed before the program runs is read by it, and a question stays here.
  const early = behaviour === 'other' ? '#/search?q=is+the+milk+lactose+free%3F&sent' : '#/assistant';
  await page.evaluate((early) => history.replaceState(null, '', early), early);
  await page.reload();
  await page.waitForSelector('[data-testid="assistant-field"]');
  await synced(page);
  if (behaviour === 'other') await page.waitForSelector('[data-testid="turn"]');
  const requests = log();
  if (behaviour === 'other') {
    await page.evaluate(() => (location.hash = '#/privacy'));
    await page.click('[data-testid="delete"]');
    await page.click('[data-testid="delete-confirm"]');
    await page.evaluate(() => (location.hash = '#/assistant'));
    await page.waitForSelector('[data-testid="assistant-field"]');
    // What was said does not outlive its deletion.
    await page.waitForFunction(() => !document.querySelector('[data-testid="turn"]'));
  }
  ensure(errors.length === 0, errors.join('; '));
  say({ log: requests, turns });
  close();
});
