// <vitrine-why product>: why a product stands where it stands, in sentences.
import { VitrineElement } from './base.js';
import { h } from './dom.js';
import { productOf } from './product.js';

export class WhyElement extends VitrineElement {
  static layout = 'why';
  static observedAttributes = ['product', 'heading', 'heading-level'];

  render() {}

  load(shop) {
    const product = productOf(this);
    return product === undefined ? undefined : shop.why(product);
  }

  show(sentences) {
    if (!sentences) {
      this.body.replaceChildren();
      return false;
    }
    const lines = sentences.length ? sentences : [this.word('whyNothing')];
    this.body.replaceChildren(
      ...this.ownHeading(this.word('why')),
      h('ul', { class: 'lines', part: 'lines' }, lines.map((line) => h('li', { part: 'line' }, line))),
    );
    return true;
  }
}
