// What the elements have in common: a shadow root, the wait for the engine, fallback content.
import { h } from './dom.js';
import { configured, current, engine } from './shop.js';
import { styleSheet } from './style.js';
import { languageOf, say } from './words.js';

/** A server that renders pages has no elements, and only imports. */
const Host = globalThis.HTMLElement ?? class {};

/** Placeholders while no products are there. */
const BONES = 6;

/**
 * An element that shows something of the shop. The attribute `data-state` says how far it is:
 * `loading`, `ready`, `empty` (there is nothing to show) or `failed`.
 *
 * A subclass has `render()` for what is always there, `load(shop)` for its data, and `show(data)`, which
 * says whether there is anything to see. With `static still` it does not load again after a change.
 */
export class VitrineElement extends Host {
  #stop;
  #turn = 0;
  #started = false;
  #late = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [styleSheet()];
    this.body = h('div', { part: 'body', class: this.constructor.layout });
    this.status = h('p', { role: 'status', class: 'heard' });
    this.fallback = h('slot', {});
    this.notice = h('div', {});
    root.append(this.status, this.body, this.fallback, this.notice);
  }

  connectedCallback() {
    this.constructor.properties?.forEach((name) => this.#upgrade(name));
    this.addEventListener('focusout', this.#catchUp);
    if (!this.#started) {
      this.#started = true;
      this.render();
    }
    this.#connect();
  }

  disconnectedCallback() {
    this.removeEventListener('focusout', this.#catchUp);
    this.#turn += 1;
    this.#stop?.();
    this.#stop = undefined;
  }

  attributeChangedCallback(_name, before, after) {
    if (this.#started && this.isConnected && before !== after) this.refresh();
  }

  /** Loads and shows again; resolves when that is done, or overtaken by a later call. */
  async refresh() {
    // A page may have taken it out while something was done in it.
    if (!this.isConnected) return;
    const turn = (this.#turn += 1);
    if (this.state !== 'ready') this.state = 'loading';
    try {
      const shop = await engine();
      if (turn !== this.#turn) return;
      this.#follow(shop);
      const data = await this.load(shop);
      if (turn !== this.#turn) return;
      this.state = this.show(data) ? 'ready' : 'empty';
    } catch (error) {
      if (turn === this.#turn) this.fail(error);
    }
  }

  /** Says why nothing can be shown, to scripts of the page, else to its console. What is shown stays. */
  fail(error) {
    if (this.state === 'ready') this.announce(this.failedWord());
    else this.state = 'failed';
    const event = new CustomEvent('vitrine-error', { bubbles: true, composed: true, cancelable: true, detail: { error } });
    if (this.dispatchEvent(event)) console.warn(`<${this.localName}>: ${error.message}`);
  }

  get state() {
    return this.dataset.state;
  }

  set state(state) {
    this.dataset.state = state;
    this.body.setAttribute('aria-busy', String(state === 'loading'));
    this.fallback.hidden = !this.fallsBack(state);
    const ours = { loading: () => this.waiting(), failed: () => this.failure() }[state];
    const wanted = ours && !this.#hasFallback();
    this.notice.replaceChildren(...(wanted ? ours() : []));
  }

  /** Whether the fallback content of the host is shown in a state. */
  fallsBack(state) {
    return state === 'loading' || state === 'failed';
  }

  /** Whether the host put more than a template between the tags. */
  #hasFallback() {
    return this.fallback.assignedNodes().some((node) => node.localName || node.textContent.trim());
  }

  /** Shown while loading, without fallback content. */
  waiting() {
    const bones = Array.from({ length: BONES }, () => h('div', { class: 'bone', part: 'placeholder' }));
    return [h('div', { class: this.constructor.layout, 'aria-hidden': 'true' }, h('div', { class: 'list' }, bones))];
  }

  /** Shown after a failure, without fallback content. */
  failure() {
    return [
      h(
        'div',
        { class: 'notice', part: 'notice' },
        h('p', {}, this.failedWord()),
        h('button', { type: 'button', class: 'button', part: 'button', onclick: () => this.refresh() }, this.word('retry')),
      ),
    ];
  }

  failedWord() {
    return this.word(this.constructor.failed ?? 'failed');
  }

  word(key, values) {
    return say(languageOf(this), current().words, key, values);
  }

  /** Tells a screen reader. */
  announce(text) {
    this.status.textContent = text;
  }

  /** The whole number that an attribute gives, or `otherwise`. */
  number(name, otherwise) {
    const n = Number.parseInt(this.getAttribute(name), 10);
    return n > 0 ? n : otherwise;
  }

  /**
   * A heading at the level of the attribute `heading-level` (2), under `below` others. No method has the name
   * of an attribute: React would set it.
   */
  headingOf(text, below = 0) {
    const level = Math.min(6, this.number('heading-level', 2) + below);
    return h(`h${level}`, { part: 'heading', class: below ? 'h3' : 'h2' }, text);
  }

  /** The element's own heading in a list: the attribute `heading`, else `otherwise`; none where it is empty. */
  ownHeading(otherwise) {
    const text = this.getAttribute('heading') ?? otherwise;
    return text ? [this.headingOf(text)] : [];
  }

  async #connect() {
    await configured();
    if (this.isConnected) await this.refresh();
  }

  #follow(shop) {
    if (!this.#stop && !this.constructor.still) this.#stop = shop.on('change', () => this.#changed());
  }

  /** Whoever is in an element with the keyboard keeps their place. */
  #changed() {
    if (this.matches(':focus-within')) this.#late = true;
    else this.refresh();
  }

  #catchUp = (event) => {
    const to = event.relatedTarget;
    if (!this.#late || (to && (this.contains(to) || this.shadowRoot.contains(to)))) return;
    this.#late = false;
    this.refresh();
  };

  /** A property that was set before the element was defined goes through its setter. */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }
}
