// A front end of InstantSearch with Vitrine's client, and an engine in memory.
// usage: node embed/elements-instantsearch.mjs FOLDER   (FOLDER/node_modules has instantsearch.js)
import { createRequire } from 'node:module';
import path from 'node:path';

import { searchClient } from '../../../web/packages/instantsearch/index.js';
import { calls, init } from './elements-core.js';

const require = createRequire(path.join(process.argv[2], 'x.js'));
const { default: instantsearch } = require('instantsearch.js');
const connectors = require('instantsearch.js/cjs/connectors');

const ensure = (holds, reason) => {
  if (!holds) throw new Error(reason);
};
const nSearches = () => calls.filter(([name]) => name === 'search').length;

const shop = init({ consent: 'given' });
const ignored = [];
const client = searchClient(shop, {
  indices: { teas: 'relevance', teas_cheapest: 'price_ascending' },
  onIgnored: (name) => ignored.push(name),
});

/** What the widgets draw, by name. */
const drawn = {};
const widget = (name, parameters) => connectors[`connect${name}`]((options) => (drawn[name] = options))(parameters);

const start = async (parameters = {}) => {
  const search = instantsearch({ indexName: 'teas', searchClient: client, initialUiState: { teas: { query: 'tea' } } });
  search.addWidgets([
    widget('Configure', { searchParameters: { hitsPerPage: 10, ...parameters } }),
    widget('SearchBox', {}),
    widget('Hits', {}),
    widget('RefinementList', { attribute: 'brand' }),
    widget('NumericMenu', { attribute: 'price', items: [{ label: 'All' }, { label: 'Up to 1.55', end: 1.55 }] }),
    widget('Pagination', {}),
    widget('SortBy', { items: [{ value: 'teas', label: 'Best' }, { value: 'teas_cheapest', label: 'Cheapest' }] }),
  ]);
  await after(search, () => search.start());
  return search;
};

/** Does something and waits until the results of it are drawn. */
const after = async (search, act) => {
  const rendered = new Promise((resolve, reject) => {
    const look = () => {
      if (search.status === 'idle' && search.helper.lastResults) search.removeListener('render', look), resolve();
    };
    search.on('render', look);
    search.once('error', ({ error }) => reject(error));
  });
  act();
  await rendered;
};

const brands = () => drawn.RefinementList.items.map(({ value, count, isRefined }) => `${value} ${count} ${isRefined}`).sort();

const search = await start({ userToken: 'someone', clickAnalytics: true });
ensure(drawn.Hits.items.length === 10, `${drawn.Hits.items.length} hits`);
const [first] = drawn.Hits.items;
ensure(first.price === 1.5 && first.objectID === '1' && first.url === '/item/1', JSON.stringify(first));
ensure(first._highlightResult.title.value === 'Black <mark>tea</mark> number 1', first._highlightResult.title.value);
ensure(drawn.Pagination.nbHits === 40 && drawn.Pagination.nbPages === 4, `${drawn.Pagination.nbPages} pages`);
ensure(brands().join() === 'Acme 14 false,Best 13 false,Cora 13 false', brands().join());
ensure(search.helper.lastResults.userData[0].notes.length === 1, 'the notes are lost');
ensure(ignored.includes('userToken') && ignored.includes('clickAnalytics'), `reported: ${ignored}`);

// InstantSearch asks twice for a list that is refined; the server is asked once.
let before = nSearches();
await after(search, () => drawn.RefinementList.refine('Acme'));
ensure(drawn.Pagination.nbHits === 14, `${drawn.Pagination.nbHits} of Acme`);
ensure(brands().join() === 'Acme 14 true,Best 13 false,Cora 13 false', brands().join());
ensure(nSearches() === before + 1, `${nSearches() - before} searches for one refinement`);
await after(search, () => drawn.RefinementList.refine('Best'));
ensure(drawn.Pagination.nbHits === 27, `${drawn.Pagination.nbHits} of both`);
ensure(JSON.stringify(calls.at(-1)[2].filters) === '{"brands":["Acme","Best"]}', JSON.stringify(calls.at(-1)));

// Pages after the first have facets, too, without another request.
before = nSearches();
await after(search, () => drawn.Pagination.refine(1));
ensure(drawn.Hits.items.length === 10 && calls.at(-1)[2].page === 2, 'the second page');
ensure(brands().length === 3 && nSearches() === before + 1, 'facets of the second page');

await after(search, () => drawn.NumericMenu.refine(drawn.NumericMenu.items[1].value));
ensure(calls.at(-1)[2].filters.priceMax === 155, JSON.stringify(calls.at(-1)));
await after(search, () => drawn.SortBy.refine('teas_cheapest'));
ensure(calls.at(-1)[2].order === 'price_ascending', JSON.stringify(calls.at(-1)));
// The list draws these values by itself.
drawn.RefinementList.searchForItems('co');
for (let turn = 0; turn < 1_000 && !drawn.RefinementList.isFromSearch; turn += 1) {
  await new Promise((resolve) => setImmediate(resolve));
}
ensure(drawn.RefinementList.items.map(({ value }) => value).join() === 'Cora', 'values with words');

// What cannot be done is said, and nothing is dropped.
const refusal = async (params) => {
  const asked = client.search([{ indexName: 'teas', params }]);
  return asked.then(() => 'answered', ({ name, code }) => `${name} ${code}`);
};
for (const params of [
  { filters: 'brand:Acme' },
  { aroundLatLng: '1,2' },
  { hitsPerPage: 201 },
  { facets: ['colour'] },
  { facetFilters: ['brand:Acme', 'brand:Best'] },
  { facetFilters: [['brand:Acme', 'department:Black teas']] },
  { facetFilters: ['department:-Black teas'] },
  { numericFilters: ['rating>4'] },
  { numericFilters: [['price<1', 'price>2']] },
]) {
  const said = await refusal(params);
  ensure(said === 'InstantSearchError unsupported_parameter', `${JSON.stringify(params)}: ${said}`);
}
for (const params of [{ filters: '' }, { tagFilters: [''] }, { facetFilters: [[]] }, { facets: '*' }]) {
  ensure((await refusal(params)) === 'answered', JSON.stringify(params));
}
const unknown = await client.search([{ indexName: 'coffees', params: {} }]).catch(({ code }) => code);
ensure(unknown === 'unknown_index', unknown);
search.dispose();
console.log(JSON.stringify({ n_searches: nSearches() }));
