// What the elements say. A shop replaces any of it: configure({ words: { add: 'In den Korb' } }).

/** `{…}` are filled in; of several forms it is that of the number `n`; a function is given the values. */
const ENGLISH = {
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
  more: 'Show more',
  noResults: 'Nothing was found for “{query}”.',
  offline: 'The server cannot be reached; this was found on the device.',
  prices: 'Price',
  privacy: 'Your data',
  privacyFailed: 'What is recorded cannot be read right now.',
  privacyOff: 'Nothing is recorded.',
  rating: '{rating} of 5',
  recorded: {
    one: 'One event is recorded, on this device alone.',
    other: '{n} events are recorded, on this device alone.',
  },
  related: 'Goes with it',
  remove: 'Remove {what}',
  requests: 'What was sent',
  requestsNothing: 'Nothing was sent.',
  requestsWhat: 'All requests of this page to the server. None of them says what you did.',
  results: { one: 'One product', other: '{n} products' },
  resultsFor: '{results} for “{query}”',
  retry: 'Try again',
  search: 'Search',
  searchPlaceholder: 'Search products',
  soldOut: 'Sold out',
  suggestions: { one: 'One suggestion', other: '{n} suggestions' },
  why: 'Why this?',
  whyNothing: 'It is here for what many shoppers buy.',
};

const languages = { en: ENGLISH };

/** Teaches the page a language (`de`): a text for each key above. */
export const teach = (language, words) => {
  languages[language] = words;
};

/** Of those that were taught the language around a node, else the one that the browser prefers. */
export const languageOf = (node) => {
  const lang = node.closest('[lang]')?.lang;
  const tags = lang ? [lang] : navigator.languages;
  return tags.map((tag) => tag.split('-')[0]).find((tag) => tag in languages) ?? 'en';
};

/** The words of a key: a shop's own, else a language's, filled in. */
export const say = (language, own, key, values = {}) => {
  const text = own[key] ?? languages[language][key];
  if (typeof text === 'function') return text(values);
  const form = text.other ? text[new Intl.PluralRules(language).select(values.n)] : text;
  return form.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
};
