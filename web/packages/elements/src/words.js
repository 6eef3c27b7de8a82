// What the elements say. A shop replaces any of them: configure({ words: { add: 'In den Korb' } }).

/** English. `{…}` are filled in; a function is given the values instead. */
export const ENGLISH = {
  add: 'Add',
  addTitle: 'Add {title} to the basket',
  added: '{title} is in the basket',
  available: 'In stock',
  brands: 'Brand',
  categories: 'Category',
  clear: 'Clear all filters',
  clearSearch: 'Clear the search',
  consent: 'Remember what I look at and buy, on this device',
  consentAsk: 'This shop can sort its products for you. What it learns stays in this browser.',
  consentNo: 'No',
  consentYes: 'Yes, on this device',
  departments: 'Department',
  dismiss: 'Not interested in {title}',
  dismissed: '{title} is not shown again',
  erase: 'Erase everything',
  eraseNo: 'Keep it',
  eraseSure: 'Erase everything that is recorded on this device? This cannot be undone.',
  eraseYes: 'Erase',
  erased: 'Everything is erased',
  export: 'Save a copy',
  exported: 'The copy is saved',
  failed: 'The products cannot be loaded right now.',
  feed: 'For you',
  feedPopular: 'Popular',
  filters: 'Filters',
  from: 'from {price}',
  learned: 'What this browser has learned',
  learnedNothing: 'Nothing yet.',
  loading: 'Loading …',
  more: 'Show more',
  noResults: 'Nothing was found for “{query}”.',
  offline: 'The server cannot be reached; this was found on the device.',
  prices: 'Price',
  privacy: 'Your data',
  privacyFailed: 'What is recorded cannot be read right now.',
  privacyOff: 'Nothing is recorded.',
  rating: '{rating} of 5',
  recorded: ({ n }) =>
    n === 1 ? 'One event is recorded, on this device alone.' : `${n} events are recorded, on this device alone.`,
  related: 'Goes with it',
  remove: 'Remove {what}',
  requests: 'What was sent',
  requestsNothing: 'Nothing was sent.',
  requestsWhat: 'All requests of this page to the server. None of them says what you did.',
  results: ({ n, query }) => {
    const what = n === 1 ? 'One product' : `${n} products`;
    return query ? `${what} for “${query}”` : what;
  },
  retry: 'Try again',
  search: 'Search',
  searchPlaceholder: 'Search products',
  soldOut: 'Sold out',
  suggestions: ({ n }) => (n === 1 ? 'One suggestion' : `${n} suggestions`),
  why: 'Why this?',
  whyNothing: 'It is here for what many shoppers buy.',
};

/** The words of a key, filled in. */
export const say = (words, key, values = {}) => {
  const text = words[key];
  if (typeof text === 'function') return text(values);
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
};
