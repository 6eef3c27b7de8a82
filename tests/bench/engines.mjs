// The two engines, each loaded from nothing but its files.

const N_CANDIDATES = 1000;
const N_EVENTS = 64;
const DIM = 64;
const N_SCALARS = 16;

/** The student as wasm, with its made-up shop and shopper. */
export const loadVitrine = async () => {
  const module = import('/built/vitrine_ranker_bench.js').then(async (glue) => {
    await glue.default();
    return glue;
  });
  const student = fetch('/built/student.bin').then((response) => response.arrayBuffer());
  const { Bench } = await module;
  return new Bench(new Uint8Array(await student));
};

/** onnxruntime-web: its smallest build, one thread, every graph optimisation. */
export const loadOnnxruntime = async () => {
  const ort = await import('/ort/ort.wasm.bundle.min.mjs');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/ort/';
  return ort;
};

export const openModel = (ort, name) =>
  ort.InferenceSession.create(`/built/${name}`, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });

/** The network's inputs for the first `n` candidates. */
export const inputsOf = (ort, bench, n) => ({
  codes: new ort.Tensor('float32', bench.history_codes(), [N_EVENTS, DIM]),
  kinds: new ort.Tensor('int32', bench.history_kinds(), [N_EVENTS]),
  gaps: new ort.Tensor('int32', bench.history_gaps(), [N_EVENTS]),
  candidates: new ort.Tensor('float32', bench.candidate_codes(n), [n, DIM]),
  scalars: new ort.Tensor('float32', bench.candidate_scalars(n), [n, N_SCALARS]),
});

/** Milliseconds from nothing to the first scores; the shop is made up meanwhile. */
export const firstVitrine = async () => {
  const began = performance.now();
  const bench = await loadVitrine();
  bench.full(N_CANDIDATES);
  return performance.now() - began;
};

/** The same for onnxruntime; its inputs are ready, and all zeros. */
export const firstOnnx = async () => {
  const began = performance.now();
  const ort = await loadOnnxruntime();
  const session = await openModel(ort, 'plain.onnx');
  const floats = (rows, columns) =>
    new ort.Tensor('float32', new Float32Array(rows * columns), [rows, columns]);
  const zeros = () => new ort.Tensor('int32', new Int32Array(N_EVENTS), [N_EVENTS]);
  await session.run({
    codes: floats(N_EVENTS, DIM),
    kinds: zeros(),
    gaps: zeros(),
    candidates: floats(N_CANDIDATES, DIM),
    scalars: floats(N_CANDIDATES, N_SCALARS),
  });
  return performance.now() - began;
};
