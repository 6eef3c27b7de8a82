// Does at random what shoppers and product teams do, over all pages of Shop and
// Studio, in several tabs, with and without a network. After each step: no error
// in a console, no page that is broken or does not answer, no search asked twice,
// and log and basket of every tab as a model predicts. All follows from the seed.
// usage: node monkey.mjs BASE TOKEN STEPS SEED
import { createHash } from 'node:crypto';

import { ensure, run, say } from './lib.mjs';
import { Model } from './monkey/model.mjs';
import { Random } from './monkey/random.mjs';
import { Monkey } from './monkey/steps.mjs';
import { until } from './monkey/tabs.mjs';
import { openedList } from './sealed.mjs';

const [base, token, steps, seed] = process.argv.slice(2);
/** Steps told when something is wrong. */
const TOLD = 15;
/** In so many steps there is at least one event. */
const EVENT_STEPS = 10;

/** The log as it is stored on the device. */
const storedLog = async (tab) => {
  const { values } = await tab.ask(openedList, 'events');
  // Opinions, such as a wish, lie beside the events and move no basket.
  const kinds = ['view_item', 'add_to_cart', 'remove_from_cart', 'purchase'];
  const entries = values.map((value) => JSON.parse(value));
  return entries
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, item, variant, pieces }) => ({ kind, item, sku: variant?.sku, pieces }));
};

/** What is wrong, if anything. */
const wrong = async (monkey) => {
  const { model, faults, tabs } = monkey;
  if (faults.length > 0) return faults.join('; ');
  const shop = tabs.find((tab) => !tab.isStudio);
  const enough = async () => {
    const log = await storedLog(shop);
    return model.fits(log.length) ? log : null;
  };
  const stored = (await until(enough)) ?? (await storedLog(shop));
  const differs = model.differs(stored);
  if (differs) return `the log: ${differs}`;
  for (const tab of tabs) {
    let last = null;
    const fits = async () => {
      last = unlike(model, tab, await tab.state());
      return last === null ? true : null;
    };
    if (!(await until(fits))) return `the ${tab.name}: ${last}`;
  }
  return faults.length > 0 ? faults.join('; ') : null;
};

/** How a tab differs from the model, if at all. */
const unlike = (model, tab, state) => {
  if (state.broken) return 'something broke';
  if (tab.isStudio) return null;
  if (state.nEvents !== model.log.length) {
    return `${state.nEvents} events are shown, not ${model.log.length}`;
  }
  const pieces = model.pieces(tab);
  if (state.pieces !== pieces) return `${state.pieces} pieces are shown, not ${pieces}`;
  const [is, must] = [state.lines, model.basket(tab)].map((lines) => JSON.stringify(lines));
  return state.isBasket && is !== must ? `the basket is ${is}, not ${must}` : null;
};

await run(async (browser) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const options = { random: new Random(Number(seed)), model: new Model(), faults: [], context, base, token };
  const monkey = new Monkey(options);
  const first = await monkey.open(false, '#/');
  await first.page.waitForFunction(async () => {
    await navigator.serviceWorker.ready;
    return navigator.serviceWorker.controller !== null;
  });
  const done = [];
  let slowest = { ms: 0 };
  const trace = createHash('sha256');
  const failed = (reason) => {
    const last = done.slice(-TOLD).map((step, i) => `${done.length - Math.min(TOLD, done.length) + i + 1}. ${step}`);
    return new Error(`seed ${seed}, step ${done.length}: ${reason}\n${last.join('\n')}`);
  };
  while (done.length < Number(steps)) {
    const started = performance.now();
    try {
      done.push(await monkey.step());
    } catch (error) {
      done.push('(this step)');
      throw failed(error.stack);
    }
    trace.update(done.at(-1));
    const reason = await wrong(monkey);
    if (reason) throw failed(reason);
    const ms = Math.round(performance.now() - started);
    if (ms > slowest.ms) slowest = { ms, step: done.at(-1) };
    if (process.env.VITRINE_MONKEY_TELL) console.error(`${ms} ms: ${done.at(-1)}`);
  }
  const nEvents = monkey.model.nEver;
  ensure(nEvents * EVENT_STEPS >= Number(steps), `only ${nEvents} events in ${steps} steps`);
  say({ steps: done.length, n_events: nEvents, slowest, trace: trace.digest('hex').slice(0, 16) });
});
