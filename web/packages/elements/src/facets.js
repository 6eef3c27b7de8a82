// What narrows results: several values of each facet, a range of prices.
import { h, money, reconcile } from './dom.js';
import { current } from './shop.js';

/** Facets that are lists of names: the key of the results and of the filters. */
const LISTS = ['departments', 'categories', 'brands'];

/**
 * The facets of a search. `changed(filters)` is called when one changes, `left()` when the focus was on a
 * filter and none is there any more.
 */
export class FacetPanel {
  #owner;
  #changed;
  #left;
  #groups = h('div', { class: 'groups' });
  #summary = h('summary', { part: 'facets-summary' });

  constructor(owner, { changed, left }) {
    this.#owner = owner;
    this.#changed = changed;
    this.#left = left;
    this.node = h('details', { class: 'facets', part: 'facets' }, this.#summary, this.#groups);
    // On a phone they would be all that is seen.
    this.node.open = globalThis.matchMedia('(min-width: 60rem)').matches;
    this.chips = h('div', { class: 'chips', part: 'chips' });
  }

  /** Shows what a search left, and what of it is chosen. */
  show(facets, filters, currency) {
    const word = (key, values) => this.#owner.word(key, values);
    this.#summary.textContent = word('filters');
    const chosen = (key, name) => filters[key]?.includes(name) ?? false;
    const groups = LISTS.map((key) => ({
      key,
      values: (facets?.[key] ?? []).map(({ name, count }) => ({
        label: name,
        count,
        checked: chosen(key, name),
        next: () => toggled(filters, key, name),
      })),
    }));
    groups.push({ key: 'prices', values: this.#prices(facets?.prices ?? [], filters, currency) });
    const shown = groups.filter(({ values }) => values.length > 1 || values.some(({ checked }) => checked));
    reconcile(this.#groups, shown, ({ key }) => key, (group, kept) => this.#group(group, kept));
    this.node.hidden = shown.length === 0;
    this.#showChips(filters, currency);
  }

  #prices(prices, filters, currency) {
    return prices.map(({ min, max, count }) => {
      const checked = filters.priceMin === min && filters.priceMax === max;
      const { priceMin, priceMax, ...others } = filters;
      const next = checked ? others : { ...others, priceMin: min, priceMax: max };
      return { label: rangeText(min, max, currency), count, checked, next: () => next };
    });
  }

  #group({ key, values }, kept) {
    const node =
      kept ??
      h('fieldset', { part: 'facet' }, h('legend', {}, this.#owner.word(key)), h('div', { class: 'values' }));
    const name = ({ label }) => label;
    reconcile(node.lastElementChild, values, name, (value, old) => this.#value(value, old));
    return node;
  }

  #value({ label, count, checked, next }, kept) {
    const node =
      kept ??
      h(
        'label',
        { class: 'value', part: 'facet-value' },
        h('input', { type: 'checkbox', part: 'facet-box', onchange: () => this.#changed(node.vitrineNext()) }),
        h('span', {}, label),
        h('span', { class: 'n', part: 'facet-count' }),
      );
    node.vitrineNext = next;
    node.firstElementChild.checked = checked;
    node.lastElementChild.textContent = count;
    return node;
  }

  #showChips(filters, currency) {
    const { priceMin, priceMax } = filters;
    const chips = LISTS.flatMap((key) =>
      (filters[key] ?? []).map((name) => ({ label: name, next: () => toggled(filters, key, name) })),
    );
    if (priceMin != null || priceMax != null) {
      const { priceMin: _, priceMax: __, ...others } = filters;
      chips.push({ label: rangeText(priceMin, priceMax, currency), next: () => others });
    }
    const nodes = chips.map(({ label, next }) =>
      h(
        'button',
        {
          type: 'button',
          class: 'button',
          part: 'button chip',
          'aria-label': this.#owner.word('remove', { what: label }),
          onclick: () => this.#changed(next()),
        },
        label,
        h('span', { 'aria-hidden': 'true' }, ' ✕'),
      ),
    );
    if (nodes.length > 1) {
      const clear = { type: 'button', class: 'button', part: 'button', onclick: () => this.#changed({}) };
      nodes.push(h('button', clear, this.#owner.word('clear')));
    }
    this.#replaceChips(nodes, chips.length);
  }

  /** The first `n` nodes are chips. Whoever took one away is at the next one, else in the search box. */
  #replaceChips(nodes, n) {
    const before = [...this.chips.children];
    const at = before.indexOf(this.chips.getRootNode().activeElement);
    this.chips.replaceChildren(...nodes);
    this.chips.hidden = nodes.length === 0;
    if (at < 0) return;
    const next = nodes[nodes.length === before.length ? at : Math.min(at, n - 1)];
    if (next) next.focus();
    else this.#left();
  }
}

/** The filters with a value of a list chosen, or not any more. */
function toggled(filters, key, name) {
  const { [key]: list = [], ...others } = filters;
  const next = list.includes(name) ? list.filter((other) => other !== name) : [...list, name];
  return next.length ? { ...others, [key]: next } : others;
}

/** A range of prices, whose bounds may be open. */
function rangeText(min, max, currency) {
  const price = (minor) => money(minor, currency, current().locale);
  if (min == null) return `≤ ${price(max)}`;
  if (max == null) return `≥ ${price(min)}`;
  return `${price(min)} – ${price(max)}`;
}
