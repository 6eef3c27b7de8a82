// What the shop does itself: its basket, and its product pages.
import { engine } from './vitrine/elements/index.js';

const basket = new Map();
const find = (name) => document.querySelector(name);

// The element records what was added, unless this listener calls preventDefault().
document.addEventListener('vitrine-add', ({ detail: { card } }) => {
  basket.set(card.id, (basket.get(card.id) ?? 0) + 1);
  find('#basket').value = [...basket.values()].reduce((sum, n) => sum + n, 0);
});

// A page of this shop, in place of the link of its feed.
document.addEventListener('vitrine-select', async (event) => {
  event.preventDefault();
  const { card } = event.detail;
  find('#title').textContent = card.title;
  find('vitrine-why').setAttribute('product', card.id);
  find('vitrine-related').setAttribute('product', card.id);
  find('#product').hidden = false;
  const shop = await engine();
  await shop.record({ type: 'view_item', id: card.id });
});
