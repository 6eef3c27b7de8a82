// Times both engines in turns, in one page.
import { inputsOf, loadOnnxruntime, loadVitrine, openModel } from './engines.mjs';

const N_EVENTS = 64;
const SIZES = [100, 500, 1000];
/** Candidates of a feed. */
const FEED = 500;
/** Largest absolute difference of a score. */
const DIFFERENCE_MAX = 1e-3;
/** Calls of each case before anything is timed: V8 has optimised by then. */
const N_WARM_UP = 200;

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Largest difference of two lists of scores; throws when they do not agree. */
const compare = (name, found, expected) => {
  if (found.length !== expected.length) throw new Error(`${name}: ${found.length} scores`);
  let largest = 0;
  for (let i = 0; i < found.length; i += 1) {
    const difference = Math.abs(found[i] - expected[i]);
    if (!(difference <= DIFFERENCE_MAX)) {
      throw new Error(`${name}: score ${i} is ${found[i]}, not ${expected[i]}`);
    }
    largest = Math.max(largest, difference);
  }
  return largest;
};

/**
 * What is timed: `before` a block of calls (not timed), then each `call`.
 * `scores` gives what the last call found.
 */
const casesFor = (n, { bench, ort, plain, rewritten, scorer }) => {
  const inputs = inputsOf(ort, bench, n);
  const { candidates, scalars } = inputs;
  const state = new ort.Tensor('float32', bench.state(), [1, N_EVENTS]);
  let result;
  const ours = (name, call, events) => ({
    name,
    before: (k) => events && bench.prepare(k, events),
    call,
    scores: () => bench.scores(),
  });
  const theirs = (name, call) => ({
    name,
    before: () => {},
    call: async () => (result = await call()),
    scores: () => result.scores.data,
  });
  const cases = [
    ours('full', () => bench.full(n)),
    theirs('onnx', () => plain.run(inputs)),
    ours('incremental', () => bench.incremental(n), N_EVENTS),
    theirs('onnx_rewritten', () => rewritten.run(inputs)),
    theirs('onnx_scorer', () => scorer.run({ state, candidates, scalars })),
    ours('full_network', () => bench.full_network(n)),
    ours('incremental_network', () => bench.incremental_network(n), N_EVENTS),
  ];
  if (n === FEED) {
    // Draws its own candidates: no scores to compare.
    cases.push({ ...ours('learn', () => bench.learn(n)), scores: null });
  }
  if (n === SIZES.at(-1)) {
    // These rank other events or rank nothing: no scores to compare.
    cases.push({ ...ours('window_move', () => bench.incremental(n), N_EVENTS + 1), scores: null });
    cases.push({ ...ours('draw', () => bench.draw(n)), scores: null });
  }
  return cases;
};

const time = async ({ before, call }, nCalls) => {
  before(nCalls);
  const times = [];
  for (let i = 0; i < nCalls; i += 1) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  return { median: median(times), fastest: Math.min(...times) };
};

/**
 * Milliseconds of each case in each round, by number of candidates:
 * `{ sizes: { 1000: { full: [{ median, fastest }, ...] } }, difference_max, score_range }`.
 */
export const measure = async ({ rounds, calls }) => {
  if (!crossOriginIsolated) throw new Error('the clock is too coarse');
  const bench = await loadVitrine();
  const ort = await loadOnnxruntime();
  const plain = await openModel(ort, 'plain.onnx');
  const rewritten = await openModel(ort, 'rewritten.onnx');
  const scorer = await openModel(ort, 'scorer.onnx');
  bench.full(1);
  const sizes = {};
  let difference_max = 0;
  let score_range = [];
  for (const n of SIZES) {
    const cases = casesFor(n, { bench, ort, plain, rewritten, scorer });
    bench.full(n);
    const expected = bench.scores();
    score_range = [Math.min(...expected), Math.max(...expected)];
    for (const one of cases) {
      await time(one, N_WARM_UP);
      if (!one.scores) continue;
      difference_max = Math.max(difference_max, compare(one.name, one.scores(), expected));
    }
    const roundsOf = Object.fromEntries(cases.map((one) => [one.name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const one of cases) roundsOf[one.name].push(await time(one, calls));
    }
    sizes[n] = roundsOf;
  }
  return { sizes, difference_max, score_range };
};
