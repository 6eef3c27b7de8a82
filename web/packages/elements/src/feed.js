// <vitrine-feed limit>: products in the order of this shopper, made on the device.
import { CardsElement } from './cards.js';

/** Products of a feed without `limit`. */
const LIMIT = 12;

export class FeedElement extends CardsElement {
  static layout = 'feed';
  static observedAttributes = ['limit', 'heading', 'heading-level', 'dismissible'];

  load(shop) {
    return shop.feed({ limit: this.number('limit', LIMIT) });
  }

  show({ cards, order }) {
    this.dataset.order = order;
    return this.cards(cards, this.word(order === 'personal' ? 'feed' : 'feedPopular'));
  }
}
