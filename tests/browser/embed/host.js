// A shop's own page: tiles, search and a basket of its own; Vitrine ranks, finds and remembers.
// What the address says: ?consent=given starts without asking.
import { init } from '/vitrine/index.js';

const by = (id) => document.getElementById(id);
const root = document.documentElement;
const server = document.querySelector('meta[name="vitrine-server"]').content;
const consent = new URLSearchParams(location.search).get('consent') ?? 'required';

/** The host's basket: pieces by sku. Vitrine only hears of it. */
const basket = new Map();

const price = ({ price, currency, fromPrice }) => {
  if (price === undefined) return '';
  const money = new Intl.NumberFormat('en', { style: 'currency', currency });
  const minor = 10 ** money.resolvedOptions().maximumFractionDigits;
  return (fromPrice ? 'from ' : '') + money.format(price / minor);
};

const button = (words, act) => {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = words;
  element.addEventListener('click', act);
  return element;
};

const drawBasket = () =>
  by('basket').replaceChildren(
    ...[...basket].map(([sku, quantity]) => {
      const line = document.createElement('li');
      line.textContent = `${quantity} × ${sku}`;
      return line;
    }),
  );

const start = async () => {
  const vitrine = await init({ server, consent });
  // For whoever looks from outside, such as the test of this page.
  globalThis.vitrine = vitrine;

  const tile = (card) => {
    const element = document.createElement('li');
    element.dataset.id = card.id;
    element.dataset.sku = card.sku ?? '';
    if (card.picture) {
      const image = document.createElement('img');
      Object.assign(image, { src: card.picture, alt: '' });
      element.append(image);
    }
    element.append(
      button(card.title, () => vitrine.record({ type: 'view_item', id: card.id })),
      ` ${price(card)} `,
      button('Add', () => {
        basket.set(card.sku, (basket.get(card.sku) ?? 0) + 1);
        drawBasket();
        return vitrine.record({ type: 'add_to_cart', sku: card.sku });
      }),
      button('Not interested', () => vitrine.record({ type: 'not_interested', id: card.id })),
    );
    return element;
  };

  // Asked for again while one is being made, the feed is made once more.
  let drawing = null;
  let again = false;
  const drawFeed = async () => {
    again = true;
    drawing ??= (async () => {
      while (again) {
        again = false;
        const { cards, order } = await vitrine.feed({ limit: 24 });
        by('feed').replaceChildren(...cards.map(tile));
        root.dataset.order = order;
        by('consent').hidden = (await vitrine.consent()) !== 'unanswered';
        root.dataset.recorded = (await vitrine.profile()).recorded;
      }
      drawing = null;
    })();
    await drawing;
  };

  vitrine.on('change', ({ reason }) => {
    root.dataset.change = reason;
    drawFeed();
  });
  vitrine.on('error', ({ code }) => {
    root.dataset.error = code;
  });
  by('agree').addEventListener('click', () => vitrine.setConsent(true));
  by('refuse').addEventListener('click', () => vitrine.setConsent(false));
  by('search').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = new FormData(event.target).get('text');
    const { cards, notes } = await vitrine.search(text, { limit: 12 });
    by('found').replaceChildren(...cards.map(tile));
    by('notes').textContent = notes.join(' ');
    root.dataset.found = text;
  });
  by('buy').addEventListener('click', async () => {
    for (const [sku, quantity] of basket) {
      await vitrine.record({ type: 'purchase', sku, quantity });
    }
    basket.clear();
    drawBasket();
  });
  await drawFeed();
  root.dataset.ready = 'feed';
  await vitrine.synced();
  root.dataset.ready = 'all';
};

start().then(
  () => (by('status').textContent = 'Ready'),
  (error) => {
    by('status').textContent = error.message;
    root.dataset.ready = 'failed';
    root.dataset.error = error.code ?? error.name;
  },
);
