// What the elements that are a list of products have in common.
import { VitrineElement } from './base.js';
import { h } from './dom.js';
import { TileList } from './tile.js';

/** A heading and tiles under it. */
export class CardsElement extends VitrineElement {
  static properties = ['tile'];
  #own;
  #head = h('div', {});
  #tiles = new TileList(this);

  /** A function `(card, { add, dismiss, select }) => Node` that makes the shop's own tiles. */
  get tile() {
    return this.#own;
  }

  set tile(own) {
    this.#own = own;
    if (this.isConnected) this.refresh();
  }

  render() {
    this.body.append(this.#head, this.#tiles.list);
  }

  /** Shows cards under the attribute `heading`, else under `heading`; whether there are any. */
  cards(cards, heading) {
    this.#head.replaceChildren(...(cards.length ? this.ownHeading(heading) : []));
    this.#tiles.show(cards);
    return cards.length > 0;
  }
}
