// A search client for InstantSearch front ends that asks Vitrine.
import { hitOf, highlighted } from './src/hits.js';
import { DEPTH_LIMIT, InstantSearchError, LISTS, readRequest, sameBut } from './src/parameters.js';

export { InstantSearchError };

/** Answers whose facets are kept, for pages after the first, which have none of their own. */
const KEPT_MAX = 20;

// By ISO 4217; `Intl` has other digits for some.
const digitsOf = (currency) =>
  /^(BIF|CLP|DJF|GNF|ISK|JPY|KMF|KRW|PYG|RWF|UGX|UYI|VND|VUV|X[AOP]F)$/.test(currency) ? 0
    : /^(BHD|IQD|JOD|KWD|LYD|OMR|TND)$/.test(currency) ? 3 : 2;

/**
 * What InstantSearch takes as `searchClient`. `shop` is what `init()` of `@vitrine/core` gives, or its promise.
 */
export function searchClient(shop, { indices, currency = 'EUR', onIgnored = warn } = {}) {
  const digits = digitsOf(currency);
  const told = new Set();
  const facets = facetsBy(async (query, options) => (await shop).search(query, options));

  const read = (request) => {
    const wanted = readRequest(request, digits);
    for (const name of wanted.ignored.filter((name) => !told.has(name))) {
      told.add(name);
      onIgnored(name);
    }
    return { ...wanted, limit: wanted.hitsPerPage || 1, order: orderOf(request.indexName, indices) };
  };

  const answer = async (wanted) => {
    const { query, filters, order, page, limit } = wanted;
    const found = await (await shop).search(query, { filters, order, page: page + 1, limit });
    const needed = wanted.facets.length > 0;
    const counts = page === 0 ? facets.keep(wanted, found) : needed ? await facets.of(wanted) : undefined;
    return { found, counts };
  };

  return {
    /** Answers the requests of one rendering; rejects with an {@link InstantSearchError}. */
    async search(requests) {
      const asked = [];
      const answers = requests.map(read).map(async (wanted) => {
        // InstantSearch asks once more for each facet, without that facet's own filters. Vitrine counts
        // every facet in that way, so that the first answer has those counts.
        const hasCounts = (other) => other.wanted.page === 0 || other.wanted.facets.length > 0;
        const shared =
          wanted.hitsPerPage === 0 &&
          asked.find((other) => hasCounts(other) && sameBut(wanted, other.wanted));
        const given = shared ? shared.given : answer(wanted);
        asked.push({ wanted, given });
        return resultOf(wanted, await given, digits);
      });
      return { results: await Promise.all(answers) };
    },

    /** Values of a facet that have the words, for lists with a box of their own. */
    searchForFacetValues(requests) {
      return Promise.all(
        requests.map(async (request) => {
          const wanted = read(request);
          const { facetName, facetQuery = '', maxFacetHits = 10 } = wanted;
          const key = LISTS[facetName];
          if (!key) {
            const known = Object.keys(LISTS).join(', ');
            throw new InstantSearchError('unsupported_facet', `"${facetName}" cannot be searched; ${known} can.`);
          }
          const counts = await facets.of({ ...wanted, limit: 1 });
          const found = counts[key].filter(({ name }) => name.toLowerCase().includes(facetQuery.toLowerCase()));
          const facetHits = found.slice(0, maxFacetHits).map(({ name, count }) => {
            return { value: name, highlighted: highlighted(name, facetQuery, wanted), count };
          });
          // The server counts the most frequent values alone.
          return { facetHits, exhaustiveFacetsCount: false, processingTimeMS: 0 };
        }),
      );
    },
  };
}

/** Facets of the last searches; `ask` is a search. */
function facetsBy(ask) {
  const kept = new Map();
  const keyOf = ({ query, filters, order }) => JSON.stringify([query, filters, order]);
  const keep = (wanted, found) => {
    kept.delete(keyOf(wanted));
    kept.set(keyOf(wanted), found.facets);
    if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value);
    return found.facets;
  };
  const of = async (wanted) => {
    const { query, filters, order, limit } = wanted;
    return kept.get(keyOf(wanted)) ?? keep(wanted, await ask(query, { filters, order, page: 1, limit }));
  };
  return { keep, of };
}

function resultOf(wanted, { found, counts }, digits) {
  const { hitsPerPage, page, limit, query } = wanted;
  return {
    index: wanted.indexName,
    hits: hitsPerPage ? found.cards.map((card) => hitOf(card, wanted, digits)) : [],
    nbHits: found.total,
    page,
    nbPages: Math.ceil(Math.min(found.total, DEPTH_LIMIT) / limit),
    hitsPerPage,
    exhaustiveNbHits: true,
    facets: facetCounts(counts, wanted),
    query,
    params: '',
    processingTimeMS: 0,
    userData: [{ notes: found.notes, offline: found.offline, ignored: wanted.ignored }],
  };
}

function facetCounts(counts, { facets, maxValuesPerFacet }) {
  return Object.fromEntries(
    facets.map((name) => {
      const values = (counts[LISTS[name]] ?? []).slice(0, maxValuesPerFacet);
      return [name, Object.fromEntries(values.map(({ name: value, count }) => [value, count]))];
    }),
  );
}

function orderOf(indexName, indices) {
  if (!indices) return 'relevance';
  if (indices[indexName]) return indices[indexName];
  const known = Object.keys(indices).join(', ');
  throw new InstantSearchError('unknown_index', `There is no index "${indexName}"; \`indices\` has ${known}.`);
}

const warn = (name) => console.warn(`@vitrine/instantsearch: \`${name}\` has no effect with Vitrine.`);
