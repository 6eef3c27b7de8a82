// What the browser scripts share: Chromium with WebGPU on a CPU adapter, and a
// few ways to look at the shop.
import http from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import path from 'node:path';

const require = createRequire(path.join(process.env.VITRINE_TOOLS, 'node_modules', 'x.js'));
const { chromium } = require('playwright-core');

/** A browser with SwiftShader as its WebGPU adapter. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.VITRINE_CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      // A camera of coloured squares, for the search with a picture.
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  });

/** Fails the script with a reason. */
export const ensure = (holds, reason) => {
  if (!holds) throw new Error(reason);
};

/** Prints one JSON line, the script's result or a step of it. */
export const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Says where the script is and waits until the test lets it go on; the line that it does so with. */
export const step = async (value) => {
  say(value);
  const { done, value: line } = await lines.next();
  ensure(!done, 'the test has ended');
  return line;
};

/** Opens the shop and waits for its first feed. */
export const open = async (page, base, backend = 'auto') => {
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') console.error('console:', message.text());
  });
  await page.goto(`${base}/?backend=${backend}`);
  await page.waitForSelector('html[data-ready="feed"]', { timeout: 60_000 });
};

/** The tiles of the feed in order: item, department, score. */
export const tiles = (page) =>
  page.$$eval('[data-testid="feed"] [data-testid="tile"]', (all) => {
    const scores = document.documentElement.dataset.scores.split(' ').map(Number);
    return all.map((tile, i) => ({
      item: tile.dataset.item,
      department: tile.dataset.department,
      score: scores[i],
    }));
  });

/** Opens a product's page the way a link does, then comes back to the feed. */
export const view = async (page, item) => {
  const before = await events(page);
  await page.evaluate((item) => (location.hash = `#/item/${item}`), item);
  await page.waitForSelector(`[data-testid="product"][data-item="${item}"]`);
  await page.waitForFunction(
    (before) => Number(document.documentElement.dataset.events ?? 0) > before,
    before,
  );
  await home(page);
};

/** Number of events in the log, as the page shows it. */
export const events = (page) =>
  page.evaluate(() => Number(document.documentElement.dataset.events ?? 0));

/** Goes to the feed and waits until it was ranked with every event so far. */
export const home = async (page) => {
  await page.evaluate(() => (location.hash = '#/'));
  await page.waitForSelector('[data-testid="feed"]');
  await page.waitForFunction(() => {
    const { events, feedEvents } = document.documentElement.dataset;
    return events === feedEvents;
  });
};

/** Waits until the whole catalogue is on the device. */
export const synced = (page) =>
  page.waitForSelector('html[data-synced="all"]', { timeout: 60_000 });

/** Waits until the service worker answers the next navigation; before, the network does. */
export const shellKept = (page) =>
  page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active.state === 'activated') return;
    await new Promise((resolve) => active.addEventListener('statechange', resolve, { once: true }));
  });

/** Share of a department among the first twenty tiles. */
export const share = (tiles, department) =>
  tiles.slice(0, 20).filter((tile) => tile.department === department).length / 20;

/** Every request of a page: method, URL, headers that the page decides, body. */
export const record = (page, log) =>
  page.on('request', (request) => {
    const { method, url, headers, postData } = {
      method: request.method(),
      url: request.url(),
      headers: request.headers(),
      postData: request.postData(),
    };
    log.push({ method, url, headers, body: postData });
  });

/**
 * A proxy in front of a server that notes what reaches it: method, path, headers but those of
 * the connection, body. `log()` has the requests of the API and for the first tiles in their order,
 * and those for the other parts of the page, which a browser asks for side by side, sorted.
 */
export const recorder = async (base) => {
  const asked = [];
  const proxy = http.createServer((request, response) => {
    const { method, url: path } = request;
    const { host, connection, ...headers } = request.headers;
    const body = [];
    request.on('data', (part) => body.push(part));
    request.on('end', () => {
      const sent = Buffer.concat(body);
      // In which order a browser writes them is not the page's to say, and differs by itself.
      const named = Object.fromEntries(Object.entries(headers).sort());
      asked.push({ method, path, headers: named, body: sent.toString() });
      const onward = http.request(`${base}${path}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.rawHeaders);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      onward.end(sent);
    });
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const own = `http://127.0.0.1:${proxy.address().port}`;
  // What names the proxy itself is the same in every run but for the port.
  const text = () => asked.map((entry) => JSON.stringify(entry).replaceAll(own, 'BASE'));
  // The first tiles come before the manifest, for everybody; the rest of a page is fetched as its
  // cache has it.
  const path = (entry) => JSON.parse(entry).path;
  const inOrder = (entry) => /^\/(v1\/|front\.html$)/.test(path(entry));
  // Several shards are asked for at a time, over as many connections: which of them is heard first is
  // the network's to say, not the page's, whose own order the session's tests compare.
  const isShard = (entry) => path(entry).startsWith('/v1/shards/');
  const withShardsSorted = (entries) => {
    const runs = [];
    for (const entry of entries) {
      const last = runs.at(-1);
      if (last && isShard(last[0]) && isShard(entry)) last.push(entry);
      else runs.push([entry]);
    }
    return runs.flatMap((run) => run.sort());
  };
  return {
    base: own,
    log: () => [
      ...withShardsSorted(text().filter(inOrder)),
      ...text().filter((entry) => !inOrder(entry)).sort(),
    ],
    close: () => (proxy.closeAllConnections(), proxy.close()),
  };
};

/** The department with most tiles beyond the first twenty that is rare among them. */
export const rareDepartment = (tiles, not = []) => {
  const later = new Map();
  for (const tile of tiles.slice(20)) {
    if (!later.has(tile.department)) later.set(tile.department, []);
    later.get(tile.department).push(tile.item);
  }
  const candidates = [...later]
    .filter(([name, items]) => items.length >= 3 && !not.includes(name))
    .sort((a, b) => share(tiles, a[0]) - share(tiles, b[0]) || b[1].length - a[1].length);
  ensure(candidates.length > 0, 'no department has three tiles beyond the first twenty');
  return { department: candidates[0][0], items: candidates[0][1].slice(0, 3) };
};

/** Runs a script: closes the browser and reports a failure by exit code. */
export const run = async (body) => {
  const browser = await launch();
  try {
    await body(browser);
  } catch (error) {
    console.error(error.stack ?? error);
    process.exitCode = 1;
  } finally {
    await browser.close();
    process.stdin.destroy();
  }
};
