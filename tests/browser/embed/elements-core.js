// An engine in memory with the interface of @vitrine/core, to look at the elements alone. What it is asked is
// in `calls`; `?core=…` of the page's address has it wait for `globalThis.release()` or fail.
const BRANDS = ['Acme', 'Best', 'Cora'];
const PICTURE = 'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/%3E';

/** Forty products; the fifth is sold out, the sixth has no price. */
const CARDS = Array.from({ length: 40 }, (_, n) => ({
  id: n + 1,
  sku: `T${n + 1}`,
  title: `${n % 2 ? 'Green' : 'Black'} tea number ${n + 1}`,
  brand: BRANDS[n % 3],
  department: n % 2 ? 'Green teas' : 'Black teas',
  category: 'Teas',
  price: n === 5 ? undefined : 150 + n,
  currency: 'EUR',
  fromPrice: n === 0,
  link: n === 2 ? 'javascript:alert(1)' : `/item/${n + 1}`,
  picture: PICTURE,
  available: n !== 4,
  rating: 4.25,
  reasons: n === 0 ? ['On offer'] : undefined,
  variants: [],
}));

const count = (cards, key) => {
  const names = [...new Set(cards.map((card) => card[key]))];
  return names.map((name) => ({ name, count: cards.filter((card) => card[key] === name).length }));
};

export const calls = [];

export async function init(options) {
  calls.push(['init', options]);
  const how = new URLSearchParams(globalThis.location?.search).get('core');
  if (how === 'waits') await new Promise((resolve) => (globalThis.release = resolve));
  if (how === 'fails' && !globalThis.recovered) throw new Error('the server cannot be reached');
  const listeners = new Set();
  const gone = new Set();
  const events = [];
  let consent = options.consent === 'given' ? 'given' : 'unanswered';
  const changed = (reason) => [...listeners].forEach((listener) => listener({ reason }));
  const known = (id) => CARDS.find((card) => card.id === id) ?? Promise.reject(new Error(`no product ${id}`));

  const shop = {
    async record(event) {
      await known(event.id);
      if (consent !== 'given') return;
      events.push(event);
      if (event.type === 'not_interested') gone.add(event.id);
      changed('event');
    },
    async feed({ limit = 24 } = {}) {
      const seen = new Set(events.filter(({ type }) => type === 'view_item').map(({ id }) => id));
      const rest = CARDS.filter((card) => !gone.has(card.id));
      const first = rest.filter((card) => seen.has(card.id));
      const cards = [...first, ...rest.filter((card) => !seen.has(card.id))].slice(0, limit);
      return { cards, order: events.length ? 'personal' : 'popular' };
    },
    async search(query, { filters = {}, page = 1, limit = 24 } = {}) {
      if (query === 'broken' || globalThis.broken) throw new Error('the server cannot be reached');
      const words = CARDS.filter((card) => card.title.toLowerCase().includes(query.toLowerCase()));
      const found = words
        .filter((card) => !filters.brands || filters.brands.includes(card.brand))
        .filter((card) => !filters.departments || filters.departments.includes(card.department))
        .filter((card) => filters.priceMin == null || card.price >= filters.priceMin)
        .filter((card) => filters.priceMax == null || card.price <= filters.priceMax);
      const prices = [{ max: 160, count: 10 }, { min: 161, count: 30 }];
      const facets = { departments: count(words, 'department'), categories: count(words, 'category'), brands: count(words, 'brand'), prices, available: found.length };
      const none = { departments: [], categories: [], brands: [], prices: [], available: 0 };
      const cards = found.slice((page - 1) * limit, page * limit);
      const notes = query.includes('tea') ? ['“tee” was read as “tea”.'] : [];
      return { cards, total: found.length, facets: page === 1 ? facets : none, notes, offline: false };
    },
    async suggest(text, { limit = 8 } = {}) {
      const all = [{ kind: 'query', text: 'green tea', count: 20 }, { kind: 'department', text: 'Green teas', count: 20 }, { kind: 'product', text: CARDS[1].title, count: 1, id: 2, picture: PICTURE }];
      return all.filter((suggestion) => suggestion.text.toLowerCase().startsWith(text.toLowerCase())).slice(0, limit);
    },
    async related(id, { limit = 24 } = {}) {
      await known(id);
      return CARDS.filter((card) => card.id !== id).slice(0, limit);
    },
    async why(id) {
      return [`You looked at ${(await known(id)).title}.`];
    },
    async profile() {
      const ledger = [{ method: 'GET', path: '/v1/manifest', purpose: 'manifest', at: 0, bytesSent: 0, bytesReceived: 9, status: 200, body: null }];
      return { lines: events.length ? ['You often buy tea.'] : [], recorded: events.length, ledger };
    },
    async setConsent(granted) {
      consent = granted ? 'given' : 'refused';
      changed('consent');
    },
    consent: async () => consent,
    export: async () => JSON.stringify(events),
    async erase() {
      events.length = 0;
      gone.clear();
      changed('erase');
    },
    on(type, listener) {
      if (type === 'change') listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {},
  };
  const noted = (name) => [name, (...given) => (calls.push([name, ...given]), shop[name](...given))];
  return { ...shop, ...Object.fromEntries(['record', 'search', 'erase', 'setConsent'].map(noted)) };
}

globalThis.calls = calls;
