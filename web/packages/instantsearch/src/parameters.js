// Search parameters of InstantSearch as filters of Vitrine. What is not read is refused or reported.

/** What cannot be done with Vitrine; `code` is stable, `message` says what to do next. */
export class InstantSearchError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'InstantSearchError';
    this.code = code;
  }
}

/** Attributes that can be refined, and the lists of the filters and facets that they are. */
export const LISTS = { department: 'departments', category: 'categories', brand: 'brands' };

/** The most results of a page, and the last result that pages reach; the server's limits. */
export const PAGE_LIMIT = 200;
export const DEPTH_LIMIT = 1000;
const HITS_PER_PAGE = 20;

const READ = new Set([
  'query', 'page', 'hitsPerPage', 'facets', 'facetFilters', 'numericFilters', 'maxValuesPerFacet',
  'highlightPreTag', 'highlightPostTag', 'facetName', 'facetQuery', 'maxFacetHits',
]);

/** They change no result here: what they ask for is always so, or is never sent. */
const WITHOUT_EFFECT = new Set([
  'analytics', 'analyticsTags', 'attributesToHighlight', 'attributesToRetrieve', 'attributesToSnippet',
  'clickAnalytics', 'enablePersonalization', 'enableReRanking', 'getRankingInfo', 'responseFields',
  'restrictHighlightAndSnippetArrays', 'snippetEllipsisText', 'userToken',
]);

const isEmpty = (value) => value == null || value === '' || (Array.isArray(value) && value.every(isEmpty));

const refused = (name, what) =>
  new InstantSearchError('unsupported_parameter', `Vitrine does not read \`${name}\`${what}.`);

/**
 * What a request asks for: `{ query, filters, page, limit, facets, … }`. `digits` is how many digits after
 * the point the shop's currency has.
 */
export function readRequest(request, digits) {
  const parameters = { ...request, ...request.params };
  const ignored = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (name === 'indexName' || name === 'params' || READ.has(name) || isEmpty(value)) continue;
    if (!WITHOUT_EFFECT.has(name)) throw refused(name, '; leave it out');
    ignored.push(name);
  }
  const { page = 0, hitsPerPage = HITS_PER_PAGE } = parameters;
  if (hitsPerPage > PAGE_LIMIT) throw refused('hitsPerPage', ` above ${PAGE_LIMIT}`);
  return {
    ...parameters,
    query: parameters.query ?? '',
    page,
    hitsPerPage,
    facets: facetNames(parameters.facets),
    filters: readFilters(parameters, digits),
    ignored,
  };
}

function facetNames(facets) {
  const names = isEmpty(facets) ? [] : [facets].flat();
  const all = names.includes('*') ? [...Object.keys(LISTS), 'price'] : names;
  for (const name of all) {
    if (!LISTS[name] && name !== 'price') throw refused('facets', `: there is no facet "${name}"; ${choices()}`);
  }
  return all;
}

const choices = () => `there are ${[...Object.keys(LISTS), 'price'].join(', ')}`;

function readFilters({ facetFilters, numericFilters }, digits) {
  const filters = {};
  const listed = (value) => (isEmpty(value) ? [] : Array.isArray(value) ? value : [value]);
  // Each entry must hold; of an inner list any.
  for (const any of listed(facetFilters)) addFacet(filters, listed(any));
  for (const any of listed(numericFilters)) {
    if (listed(any).length > 1) throw refused('numericFilters', ' with alternatives; give one range');
    for (const condition of listed(any)) addPrice(filters, condition, digits);
  }
  return filters;
}

function addFacet(filters, any) {
  if (any.length === 0) return;
  const parts = any.map((text) => /^(\w+):(-?)(.*)$/s.exec(text) ?? [text]);
  const [, attribute, minus] = parts[0];
  const key = LISTS[attribute];
  if (!key || parts.some((part) => part[1] !== attribute || part[2] !== minus)) {
    throw refused('facetFilters', ` "${any.join('" or "')}"; ${choices()}, each in conditions of its own`);
  }
  const values = parts.map((part) => part[3]);
  if (minus) {
    if (attribute !== 'brand') throw refused('facetFilters', ` "${any[0]}": only a brand can be left out`);
    filters.brandsExcluded = [...(filters.brandsExcluded ?? []), ...values];
  } else if (filters[key]) {
    throw refused('facetFilters', ` with two conditions on "${attribute}": a product has one; use operator "or"`);
  } else {
    filters[key] = values;
  }
}

function addPrice(filters, condition, digits) {
  const [, attribute, operator, number] = /^\s*(\w+)\s*(<=|>=|=|<|>)\s*(-?[\d.]+)\s*$/.exec(condition) ?? [];
  if (attribute !== 'price') throw refused('numericFilters', ` "${condition}"; only price can be compared`);
  // Sums like 12.30 are not exact in binary; a whole number of the smallest coins is.
  const minor = Math.round(Number(number) * 10 ** digits);
  const atLeast = { '>=': minor, '>': minor + 1, '=': minor }[operator];
  const atMost = { '<=': minor, '<': minor - 1, '=': minor }[operator];
  if (atLeast != null) filters.priceMin = Math.max(filters.priceMin ?? 0, atLeast, 0);
  if (atMost != null) filters.priceMax = Math.max(0, Math.min(filters.priceMax ?? Infinity, atMost));
}

/** Whether a request for facets alone differs from another in filters of those facets at most. */
export function sameBut(request, other) {
  const own = request.facets.flatMap((name) => (name === 'price' ? ['priceMin', 'priceMax'] : [LISTS[name]]));
  const rest = ({ indexName, query, filters }) => {
    const kept = Object.entries(filters).filter(([key]) => !own.includes(key));
    return JSON.stringify([indexName, query, kept.sort(([a], [b]) => (a < b ? -1 : 1))]);
  };
  return rest(request) === rest(other);
}
