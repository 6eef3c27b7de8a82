// <vitrine-shop server>: configure() for pages that are written in HTML alone.
import { configure } from './shop.js';

const Host = globalThis.HTMLElement ?? class {};

/** Configures all elements with its attributes; has no look of its own. */
export class ShopElement extends Host {
  connectedCallback() {
    const text = (name) => this.getAttribute(name) ?? undefined;
    configure({
      server: text('server'),
      core: text('core'),
      worker: text('worker'),
      consent: text('consent'),
      priceList: text('price-list'),
      locale: text('locale') ?? (document.documentElement.lang || undefined),
      basket: this.hasAttribute('basket'),
    });
  }
}
