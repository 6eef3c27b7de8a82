// Vitrine's custom elements. Importing this file defines them.
import { FeedElement } from './src/feed.js';
import { PrivacyElement } from './src/privacy.js';
import { RelatedElement } from './src/related.js';
import { SearchElement } from './src/search.js';
import { ShopElement } from './src/shop-element.js';
import { WhyElement } from './src/why.js';

export { configure, engine, ElementsError } from './src/shop.js';
export { FeedElement, PrivacyElement, RelatedElement, SearchElement, ShopElement, WhyElement };

const ELEMENTS = {
  'vitrine-shop': ShopElement,
  'vitrine-feed': FeedElement,
  'vitrine-search': SearchElement,
  'vitrine-related': RelatedElement,
  'vitrine-why': WhyElement,
  'vitrine-privacy': PrivacyElement,
};

// A server that renders React or Vue imports this file, too, and has no elements to define.
if (globalThis.customElements) {
  for (const [name, constructor] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name)) customElements.define(name, constructor);
  }
}
