// Tiles: ours, or the shop's own from a template.
import { h, money, pictureAddress, reconcile, set, webAddress } from './dom.js';
import { current, engine } from './shop.js';

/**
 * The products of an element: a list in its shadow root. `owner` is the element; its child
 * `<template slot="tile">` or its property `tile` makes the shop's own tiles.
 */
export class TileList {
  #owner;
  list;

  constructor(owner) {
    this.#owner = owner;
    // Without the role Safari does not say that a list without bullets is one.
    this.list = h('ul', { class: 'list', part: 'list', role: 'list' });
  }

  /** Shows the cards; those that stay keep their nodes. */
  show(cards) {
    const own = ownTile(this.#owner);
    reconcile(this.list, cards, (card) => card.id, (card, kept) => {
      const told = JSON.stringify(card);
      if (kept && kept.vitrineTold === told && kept.vitrineOwn === own) return kept;
      const node = kept ?? h('li', { part: 'item' });
      node.vitrineTold = told;
      node.vitrineOwn = own;
      node.replaceChildren(own ? this.#slotted(card, own) : this.#tile(card));
      return node;
    });
    this.#tidySlotted(new Set(own ? cards.map((card) => slotName(card)) : []));
  }

  /** Focuses the product at a place, from 0; the last one where there are fewer. */
  focus(at) {
    const item = this.list.children[at] ?? this.list.lastElementChild;
    item?.setAttribute('tabindex', '-1');
    item?.focus();
  }

  /** Opens a card's page: `vitrine-select`, then the link unless the page handled it. */
  select(card, event) {
    // Another tab or window is the shopper's own wish, and the browser's to open.
    if (event?.ctrlKey || event?.metaKey || event?.shiftKey) return true;
    const go = this.#send('vitrine-select', card);
    if (!go) event?.preventDefault();
    return go;
  }

  /** Puts a card into the basket: `vitrine-add`, then it is recorded unless the page handled it. */
  async add(card) {
    if (!this.#send('vitrine-add', card)) return;
    if (await this.#record('add_to_cart', card)) {
      this.#owner.announce(this.#owner.word('added', card));
    }
  }

  /** Leaves a card out from now on. */
  async dismiss(card) {
    if (!this.#send('vitrine-dismiss', card)) return;
    if (await this.#record('not_interested', card)) {
      const place = this.#place(card);
      this.#owner.announce(this.#owner.word('dismissed', card));
      await this.#owner.refresh();
      // The focus stays where it was in the list.
      const next = this.list.children[place - 1] ?? this.list.lastElementChild;
      next?.querySelector('.dismiss')?.focus();
    }
  }

  async #record(type, card) {
    try {
      const shop = await engine();
      await shop.record({ type, id: card.id });
      return true;
    } catch (error) {
      this.#owner.fail(error);
      return false;
    }
  }

  #send(type, card) {
    const detail = { card, place: this.#place(card) };
    const event = new CustomEvent(type, { bubbles: true, composed: true, cancelable: true, detail });
    return this.#owner.dispatchEvent(event);
  }

  /** The place of a card in the list, from 1. */
  #place(card) {
    return [...this.list.children].findIndex((item) => item.vitrineKey === String(card.id)) + 1;
  }

  #tile(card) {
    const owner = this.#owner;
    const picture = pictureAddress(card.picture);
    const { basket } = current();
    return h(
      'article',
      { class: 'tile', part: card.available ? 'tile' : 'tile sold-out-tile' },
      this.#title(card),
      h('div', { class: 'picture', part: 'picture' }, picture && h('img', { src: picture, alt: '', decoding: 'async' })),
      card.brand && h('p', { class: 'brand', part: 'brand' }, card.brand),
      card.price != null && h('p', { class: 'price', part: 'price' }, priceText(owner, card)),
      card.rating != null &&
        h('p', { class: 'rating', part: 'rating' }, h('span', { 'aria-hidden': 'true' }, '★ '), ratingText(owner, card)),
      card.reasons?.[0] && h('p', { class: 'reason', part: 'reason' }, card.reasons[0]),
      !card.available && h('p', { class: 'sold-out', part: 'sold-out' }, owner.word('soldOut')),
      basket &&
        card.available &&
        h(
          'button',
          {
            type: 'button',
            class: 'button add',
            part: 'button add',
            'aria-label': owner.word('addTitle', card),
            onclick: () => this.add(card),
          },
          owner.word('add'),
        ),
      owner.hasAttribute('dismissible') &&
        h(
          'button',
          {
            type: 'button',
            class: 'button dismiss',
            part: 'button dismiss',
            'aria-label': owner.word('dismiss', card),
            onclick: () => this.dismiss(card),
          },
          h('span', { 'aria-hidden': 'true' }, '✕'),
        ),
    );
  }

  #title(card) {
    const href = linkOf(card);
    const attributes = { class: 'link', part: 'link', onclick: (event) => this.select(card, event) };
    return href
      ? h('a', { ...attributes, href }, card.title)
      : h('button', { ...attributes, type: 'button' }, card.title);
  }

  /** The shop's own tile is a child of the element, so that the page's own styles reach it. */
  #slotted(card, own) {
    const owner = this.#owner;
    const name = slotName(card);
    const actions = { add: () => this.add(card), dismiss: () => this.dismiss(card), select: (event) => this.select(card, event) };
    const node = typeof own === 'function' ? own(card, actions) : filled(own, card, actions, owner);
    const holder = h('div', { slot: name, 'data-vitrine-card': card.id }, node);
    owner.querySelector(`:scope > [slot="${name}"]`)?.remove();
    owner.append(holder);
    return h('slot', { name, class: 'own' });
  }

  #tidySlotted(names) {
    for (const child of [...this.#owner.children]) {
      if (child.dataset?.vitrineCard && !names.has(child.slot)) child.remove();
    }
  }
}

const slotName = (card) => `card-${card.id}`;

/** The property `tile` (a function), else the template, else undefined for our own. */
const ownTile = (owner) => owner.tile ?? owner.querySelector(':scope > template[slot="tile"]') ?? undefined;

/** Where a card leads: what the shop's `link` option says, else the catalogue. */
function linkOf(card) {
  const { link } = current();
  return webAddress(link ? link(card) : card.link);
}

function priceText(owner, card) {
  const price = money(card.price, card.currency, current().locale);
  return card.fromPrice ? owner.word('from', { price }) : price;
}

const ratingText = (owner, card) => {
  const rating = card.rating.toLocaleString(current().locale, { maximumFractionDigits: 1 });
  return owner.word('rating', { rating });
};

/** The value of a field that a template may name. */
function field(name, card, owner) {
  switch (name) {
    case 'price':
      return card.price == null ? undefined : priceText(owner, card);
    case 'rating':
      return card.rating == null ? undefined : ratingText(owner, card);
    case 'reason':
      return card.reasons?.[0];
    case 'availability':
      return owner.word(card.available ? 'available' : 'soldOut');
    case 'picture':
      return pictureAddress(card.picture);
    case 'link':
      return linkOf(card);
    default:
      return card[name];
  }
}

/**
 * A copy of the template with a card's values: `data-vitrine="price"` has the text (or, in an `img`, the
 * picture) and is hidden where the card has none; `data-vitrine-link` makes an
 * `a` lead to the card, `data-vitrine-action` makes a button add, dismiss or select it.
 */
function filled(template, card, actions, owner) {
  // React makes the children of a template its children, not its content.
  const source = template.content.childNodes.length ? template.content : template;
  const copy = document.createDocumentFragment();
  source.childNodes.forEach((node) => copy.append(document.importNode(node, true)));
  for (const node of copy.querySelectorAll('[data-vitrine]')) {
    const value = field(node.dataset.vitrine, card, owner);
    if (value == null) node.hidden = true;
    else if (node.localName === 'img') set(node, { src: value, alt: node.getAttribute('alt') ?? '' });
    else node.textContent = value;
  }
  for (const node of copy.querySelectorAll('[data-vitrine-link]')) {
    set(node, { href: linkOf(card), onclick: actions.select });
  }
  for (const node of copy.querySelectorAll('[data-vitrine-action]')) {
    const action = node.dataset.vitrineAction;
    if (action === 'add' && !card.available) node.disabled = true;
    set(node, { onclick: (event) => actions[action]?.(event) });
  }
  return copy;
}
