// <vitrine-search>: a box with suggestions, results in the order of this shopper, facets.
import { VitrineElement } from './base.js';
import { h } from './dom.js';
import { FacetPanel } from './facets.js';
import { engine } from './shop.js';
import { SearchBox } from './suggestions.js';
import { TileList } from './tile.js';

/** Results of a page without `limit`. */
const LIMIT = 24;

export class SearchElement extends VitrineElement {
  static layout = 'beside';
  // A search that is sent again after each recorded event would tell the server of that event.
  static still = true;
  static observedAttributes = ['limit', 'placeholder', 'no-facets', 'heading-level'];
  static properties = ['tile', 'query', 'filters'];
  #own;
  #currency;
  #query = '';
  #filters = {};
  #asked = false;
  /** Promises of the pages that are shown: each is asked for once. */
  #pages = [];
  #wantsMore = false;
  #tiles = new TileList(this);
  #heading = h('div', {});
  #notes = h('div', { part: 'notes' });
  #more = h(
    'div',
    { class: 'notice end' },
    h('p', { part: 'notice' }),
    h('button', { type: 'button', class: 'button', part: 'button more', onclick: () => this.#next() }),
  );
  #box = new SearchBox(this, {
    submit: (text) => this.#wanted(text, {}),
    choose: (suggestion) => this.#chosen(suggestion),
  });
  #facets = new FacetPanel(this, {
    changed: (filters) => this.#wanted(this.#query, filters),
    left: () => this.#box.input.focus(),
  });

  /** A function `(card, { add, select }) => Node` that makes the shop's own tiles. */
  get tile() {
    return this.#own;
  }

  set tile(own) {
    this.#own = own;
    if (this.isConnected) this.refresh();
  }

  /** The words that are searched for; to set them searches. */
  get query() {
    return this.#query;
  }

  set query(query) {
    this.search(query, this.#filters);
  }

  /** The filters in force, as `search()` of the core has them; to set them searches. */
  get filters() {
    return this.#filters;
  }

  set filters(filters) {
    this.search(this.#query, filters);
  }

  /** Searches, and shows the first page of what is found. Resolves when it is shown. */
  search(query, filters = {}) {
    this.#query = query ?? '';
    this.#filters = filters ?? {};
    this.#pages = [];
    this.#asked = Boolean(this.#query || Object.keys(this.#filters).length);
    this.#box.text = this.#query;
    return this.isConnected ? this.refresh() : Promise.resolve();
  }

  render() {
    this.#box.label();
    this.body.before(this.#box.form);
    const found = [this.#heading, this.#notes, this.#facets.chips, this.#tiles.list, this.#more];
    this.body.append(this.#facets.node, h('div', { class: 'found' }, found));
    if (this.getAttribute('query')) this.search(this.getAttribute('query'));
  }

  waiting() {
    return this.#asked ? super.waiting() : [];
  }

  attributeChangedCallback(name, before, after) {
    if (name === 'limit') this.#pages = [];
    super.attributeChangedCallback(name, before, after);
  }

  fallsBack(state) {
    return state === 'failed';
  }

  fail(error) {
    // What is shown answers another question.
    const isAnother = this.#pages.length === 0;
    const hadFocus = isAnother && this.body.contains(this.shadowRoot.activeElement);
    if (isAnother) this.dataset.state = 'loading';
    this.body.hidden = isAnother;
    super.fail(error);
    if (hadFocus) (this.notice.querySelector('button') ?? this.#box.input).focus();
  }

  async load(shop) {
    if (!this.#asked) return undefined;
    const pages = this.#pages;
    const limit = this.number('limit', LIMIT);
    if (pages.length === 0 || this.#wantsMore) {
      this.#wantsMore = false;
      const options = { filters: this.#filters, page: pages.length + 1, limit };
      const asked = shop.search(this.#query, options);
      pages.push(asked);
      asked.catch(() => {
        // Pages that were asked for meanwhile would leave a gap.
        if (pages.includes(asked)) pages.length = pages.indexOf(asked);
        if (pages.length && pages === this.#pages) this.#showMore(true, this.word('failed'));
      });
    }
    const found = await Promise.all(pages);
    // In a changed catalogue one card may be on two pages.
    const cards = new Map(found.flatMap((page) => page.cards).map((card) => [card.id, card]));
    return { ...found[0], cards: [...cards.values()], whole: found.at(-1).cards.length < limit };
  }

  show(found) {
    this.#box.label();
    if (!found) {
      this.body.hidden = true;
      return false;
    }
    this.body.hidden = false;
    const { cards, total, facets, notes, offline } = found;
    const query = this.#query;
    const results = this.word('results', { n: total });
    const words = query ? this.word('resultsFor', { results, query }) : results;
    this.#heading.replaceChildren(this.headingOf(words));
    this.#showNotes(cards, notes, offline);
    // Without results filters keep the currency of those before.
    this.#currency = cards.find((card) => card.currency)?.currency ?? this.#currency;
    const wanted = !this.hasAttribute('no-facets');
    this.#facets.show(wanted ? facets : undefined, this.#filters, this.#currency);
    const shown = this.#tiles.list.children.length;
    const wasAtEnd = this.#more.contains(this.shadowRoot.activeElement);
    this.#tiles.show(cards);
    this.#showMore(!found.whole && cards.length < total);
    // The button that was pressed is gone: what it brought comes next.
    if (wasAtEnd && this.#more.hidden) this.#tiles.focus(shown);
    this.announce(cards.length ? words : this.word('noResults', { query: this.#query }));
    return true;
  }

  #showNotes(cards, notes, offline) {
    const lines = [
      offline && this.word('offline'),
      ...notes,
      cards.length === 0 && this.word('noResults', { query: this.#query }),
    ];
    const shown = lines.filter(Boolean);
    this.#notes.replaceChildren(...shown.map((line) => h('p', { class: 'note', part: 'note' }, line)));
    this.#notes.hidden = shown.length === 0;
  }

  /** Whether there is more, and why the last try gave nothing. The button stays, and the focus on it. */
  #showMore(more, failed) {
    this.#more.hidden = !more;
    this.#more.firstElementChild.hidden = !failed;
    this.#more.firstElementChild.textContent = failed ?? '';
    this.#more.lastElementChild.textContent = this.word(failed ? 'retry' : 'more');
  }

  #next() {
    this.#wantsMore = true;
    return this.refresh();
  }

  /** Asks the page first: it may have a page of its own for results. */
  #wanted(query, filters) {
    const detail = { query, filters };
    const event = new CustomEvent('vitrine-search', { bubbles: true, composed: true, cancelable: true, detail });
    if (this.dispatchEvent(event)) this.search(query, filters);
  }

  #chosen({ kind, text }) {
    if (kind === 'category') this.#wanted('', { categories: [text] });
    else if (kind === 'department') this.#wanted('', { departments: [text] });
    else this.#wanted(text, {});
  }
}
