// How long a picture takes in headless Chromium, on one thread, and the hash of its vector.
//
//   node picture_page.mjs FOLDER NETWORK
//
// FOLDER is what `wasm-bindgen --target web` made of `picture_page.wasm`; NETWORK is the file that
// `quantise_pictures` wrote. VITRINE_TOOLS has `node_modules`, VITRINE_CHROMIUM is the browser.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, network] = process.argv.slice(2);
const require = createRequire(join(process.env.VITRINE_TOOLS, 'package.json'));
const { chromium } = require('playwright-core');

const page_of = `<!doctype html><script type="module">
import init, { PageNetwork } from '/picture_page.js';
await init();
const file = new Uint8Array(await (await fetch('/network')).arrayBuffer());
const before = performance.now();
const network = new PageNetwork(file);
const loaded = performance.now() - before;
const times = [];
let hash;
for (let at = 0; at < 21; at += 1) {
  const start = performance.now();
  hash = network.encode();
  times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
globalThis.found = { loaded_ms: loaded, median_ms: times[10], least_ms: times[0], hash };
</script>`;
const types = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const server = createServer(async (request, response) => {
  const type = Object.entries(types).find(([end]) => request.url.endsWith(end))?.[1];
  const body = request.url === '/' ? page_of
    : await readFile(request.url === '/network' ? network : join(folder, request.url)).catch(() => null);
  response.writeHead(body === null ? 404 : 200, { 'content-type': type ?? 'text/html' });
  response.end(body ?? '');
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const browser = await chromium.launch({
  executablePath: process.env.VITRINE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--no-first-run'],
});
const page = await browser.newPage();
page.on('pageerror', (error) => console.error(error));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction(() => globalThis.found, null, { timeout: 120_000 });
console.log(JSON.stringify(await page.evaluate(() => globalThis.found)));
await browser.close();
server.close();
