// Prints what was measured, for people.
import { median } from './measure.mjs';

const ROWS = [
  ['onnxruntime-web', 'onnx'],
  ['onnxruntime-web, graph rewritten by hand', 'onnx_rewritten'],
  ['onnxruntime-web, that graph from the state on', 'onnx_scorer'],
  ['Vitrine, full', 'full'],
  ['Vitrine, full, scalars given', 'full_network'],
  ['Vitrine, one event more', 'incremental'],
  ['Vitrine, one event more, scalars given', 'incremental_network'],
  ['Vitrine, one event that moves the window', 'window_move'],
  ['Vitrine, drawing the candidates beforehand', 'draw'],
  ['Vitrine, the personal layer learns a purchase', 'learn'],
];

const pad = (text, width) => String(text).padStart(width);

const HEAD = `
Milliseconds: median of the rounds' medians, and the fastest call. Then how many times
as long onnxruntime-web takes: median of the rounds (lowest–highest), and fastest by
fastest; with the graph as exported, and with the one rewritten by hand.
On a busy machine long calls are interrupted more often than short ones: there the
fastest calls say more than the medians.
`;

const shown = ({ median, min, max, fastest }) => {
  const spread = `(${min.toFixed(2)}–${max.toFixed(2)})`;
  return `${pad(median.toFixed(2), 7)} ${spread.padEnd(14)}${pad(fastest.toFixed(2), 6)}`;
};

const times = ({ sizes, ratios, rounds, pages, calls_a_round }) => {
  console.log(HEAD);
  console.log(`${rounds} rounds in ${pages} pages, ${calls_a_round} calls a round, 64 events`);
  for (const [n, cases] of Object.entries(sizes)) {
    console.log(`${n} candidates`);
    for (const [label, name] of ROWS) {
      if (!cases[name]) continue;
      const columns = [ratios.onnx, ratios.onnx_rewritten]
        .filter((ratio) => ratio[n][name])
        .map((ratio) => shown(ratio[n][name]));
      const middle = median(cases[name].map((round) => round.median));
      const fastest = Math.min(...cases[name].map((round) => round.fastest));
      const [a, b] = [middle, fastest].map((time) => pad(time.toFixed(3), 8));
      console.log(`  ${label.padEnd(46)}${a}${b}${columns.join('')}`);
    }
  }
};

export const print = (result) => {
  const { difference_max, score_range, first_ranking_ms, brotli_bytes } = result;
  times(result);
  const [low, high] = score_range.map((score) => score.toFixed(2));
  console.log(`\nlargest difference of a score: ${difference_max.toExponential(1)} (${low}…${high})`);
  const [ours, theirs] = [first_ranking_ms.vitrine, first_ranking_ms.onnx];
  const first = (list) => `${median(list).toFixed(0)} ms`;
  console.log(`first ranking after load: Vitrine ${first(ours)}, onnxruntime-web ${first(theirs)}`);
  const { vitrine, vitrine_model, onnx, onnx_model } = brotli_bytes;
  console.log(`engine, brotli: Vitrine ${vitrine}, onnxruntime-web ${onnx} bytes`);
  console.log(`model, brotli: Vitrine ${vitrine_model}, onnxruntime-web ${onnx_model} bytes`);
  const load = result.load.map((value) => value.toFixed(1)).join(' to ');
  console.log(`${result.cpu}, load ${load}; Chromium ${result.chromium};`);
  console.log(`onnxruntime-web ${result.onnxruntime_web}, 1 thread`);
};
