// <vitrine-related product>: what goes with a product, or instead of it.
import { CardsElement } from './cards.js';
import { productOf } from './product.js';

/** Products without `limit`. */
const LIMIT = 12;

export class RelatedElement extends CardsElement {
  static layout = 'row';
  static observedAttributes = ['product', 'limit', 'heading', 'heading-level'];

  load(shop) {
    const product = productOf(this);
    return product === undefined ? [] : shop.related(product, { limit: this.number('limit', LIMIT) });
  }

  show(cards) {
    return this.cards(cards, this.word('related'));
  }
}
