// Times the student in wasm beside the same network under onnxruntime-web, in
// Chromium: `node ranker.mjs ROUNDS FOLDER`, started by `cargo xtask bench`.
// FOLDER has what was built, and gets the result.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';

import { ensure, run } from '../browser/lib.mjs';
import { median } from './measure.mjs';
import { print } from './report.mjs';

const [rounds, built] = [Number(process.argv[2]), process.argv[3]];
const CALLS = 20;
const N_FIRST = 5;
const N_PAGES = 3;
const ort = path.join(process.env.VITRINE_TOOLS, 'node_modules/onnxruntime-web');
const FOLDERS = { '/built/': built, '/ort/': path.join(ort, 'dist'), '/': import.meta.dirname };
const TYPES = {
  '.html': 'text/html',
  '.mjs': 'text/javascript',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** The files of the page; isolated from other origins, or its clock would be coarse. */
const serve = async () => {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const [prefix, folder] = Object.entries(FOLDERS).find(([p]) => pathname.startsWith(p));
    const file = path.join(folder, path.basename(pathname.slice(prefix.length)));
    fs.readFile(file, (error, bytes) => {
      response.writeHead(error ? 404 : 200, {
        'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      });
      response.end(bytes);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

/** A page in a profile of its own: nothing is cached. */
const inFreshPage = async (browser, base, body) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error('page:', error));
  await page.goto(`${base}/ranker.html`);
  await page.waitForFunction(() => window.measure);
  const result = await body(page);
  await context.close();
  return result;
};

const firsts = async (browser, base) => {
  const times = { vitrine: [], onnx: [] };
  for (let i = 0; i < N_FIRST; i += 1) {
    const first = (name) => inFreshPage(browser, base, (page) => page.evaluate(`${name}()`));
    times.vitrine.push(await first('firstVitrine'));
    times.onnx.push(await first('firstOnnx'));
  }
  return times;
};

/** All rounds, in several pages: where an engine's memory happens to lie changes its times. */
const inPages = async (browser, base) => {
  const pages = [];
  for (let i = 0; i < N_PAGES; i += 1) {
    const options = { rounds: Math.ceil(rounds / N_PAGES), calls: CALLS };
    const measure = (page) => page.evaluate((options) => window.measure(options), options);
    pages.push(await inFreshPage(browser, base, measure));
  }
  const [{ sizes, score_range }, ...others] = pages;
  for (const [n, cases] of Object.entries(sizes)) {
    for (const name of Object.keys(cases)) {
      cases[name].push(...others.flatMap((other) => other.sizes[n][name]));
    }
  }
  const difference_max = Math.max(...pages.map((page) => page.difference_max));
  return { sizes, difference_max, score_range };
};

/** Bytes of files as brotli sends them. */
const weigh = (folder, names) => {
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 };
  const bytes = names.map((name) => fs.readFileSync(path.join(folder, name)));
  return bytes.reduce((sum, file) => sum + zlib.brotliCompressSync(file, { params }).length, 0);
};

const bytes = () => ({
  vitrine: weigh(built, ['vitrine_ranker_bench.js', 'vitrine_ranker_bench_bg.wasm']),
  vitrine_model: weigh(built, ['student.bin']),
  onnx: weigh(FOLDERS['/ort/'], ['ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.wasm']),
  onnx_model: weigh(built, ['plain.onnx']),
});

/** The fastest call of all rounds: nothing interrupted it. */
const fastest = (rounds) => Math.min(...rounds.map((round) => round.fastest));

/**
 * How often `ours` fits in `theirs`: of the medians of each round, median, lowest
 * and highest; and of the fastest calls.
 */
const ratio = (cases, ours, theirs) => {
  const ratios = cases[theirs].map(({ median }, round) => median / cases[ours][round].median);
  return {
    median: median(ratios),
    min: Math.min(...ratios),
    max: Math.max(...ratios),
    fastest: fastest(cases[theirs]) / fastest(cases[ours]),
  };
};

const OURS = ['full', 'full_network', 'incremental', 'incremental_network'];

const ratios = (sizes, theirs) =>
  Object.fromEntries(
    Object.entries(sizes).map(([n, cases]) => [
      n,
      Object.fromEntries(OURS.map((ours) => [ours, ratio(cases, ours, theirs)])),
    ]),
  );

await run(async (browser) => {
  ensure(rounds > 0, 'usage: ranker.mjs ROUNDS FOLDER');
  const server = await serve();
  try {
    const base = `http://127.0.0.1:${server.address().port}`;
    const load_before = os.loadavg()[0];
    const first_ranking_ms = await firsts(browser, base);
    const measured = await inPages(browser, base);
    const { version } = JSON.parse(fs.readFileSync(path.join(ort, 'package.json')));
    const result = {
      date: new Date().toISOString(),
      cpu: `${os.cpus().length} × ${os.cpus()[0].model}`,
      load: [load_before, os.loadavg()[0]],
      chromium: browser.version(),
      onnxruntime_web: version,
      pages: N_PAGES,
      rounds: measured.sizes[100].full.length,
      calls_a_round: CALLS,
      ...measured,
      ratios: {
        onnx: ratios(measured.sizes, 'onnx'),
        onnx_rewritten: ratios(measured.sizes, 'onnx_rewritten'),
      },
      first_ranking_ms,
      brotli_bytes: bytes(),
    };
    fs.writeFileSync(path.join(built, 'ranker.json'), JSON.stringify(result, null, 2) + '\n');
    print(result);
  } finally {
    server.close();
  }
});
