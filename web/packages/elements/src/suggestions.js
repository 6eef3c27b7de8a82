// The search box: a combobox after the ARIA Authoring Practices.
import { h, pictureAddress } from './dom.js';
import { engine } from './shop.js';

/** Suggestions that are asked for. */
const LIMIT = 8;

/** A form with the box. `submit(text)` and `choose(suggestion)` say what was wanted. */
export class SearchBox {
  #owner;
  #submit;
  #choose;
  #found = [];
  #active = -1;
  #turn = 0;

  constructor(owner, { submit, choose }) {
    this.#owner = owner;
    this.#submit = submit;
    this.#choose = choose;
    this.list = h('ul', { id: 'suggestions', class: 'suggestions', part: 'suggestions', role: 'listbox', hidden: true });
    this.input = h('input', {
      class: 'input',
      part: 'input',
      type: 'search',
      role: 'combobox',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      enterkeyhint: 'search',
      'aria-autocomplete': 'list',
      'aria-controls': 'suggestions',
      'aria-expanded': 'false',
      oninput: () => this.#suggest(),
      onkeydown: (event) => this.#key(event),
      onblur: () => this.#close(),
    });
    this.clear = h(
      'button',
      { type: 'button', class: 'clear', part: 'clear', hidden: true, onclick: () => this.#empty() },
      h('span', { 'aria-hidden': 'true' }, '✕'),
    );
    this.go = h('button', { class: 'button main', part: 'button submit' });
    this.form = h(
      'form',
      { class: 'box', part: 'box', role: 'search', onsubmit: (event) => this.#submitted(event) },
      h('div', { class: 'field' }, this.input, this.clear, this.list),
      this.go,
    );
  }

  get text() {
    return this.input.value;
  }

  set text(text) {
    this.input.value = text;
    this.clear.hidden = !text;
    // They go on with what was there before.
    this.#close();
  }

  /** Words that may change: the shop's own, a placeholder. */
  label() {
    const word = (key) => this.#owner.word(key);
    this.input.setAttribute('aria-label', word('search'));
    this.input.placeholder = this.#owner.getAttribute('placeholder') ?? word('searchPlaceholder');
    this.clear.setAttribute('aria-label', word('clearSearch'));
    this.go.textContent = word('search');
    this.list.setAttribute('aria-label', word('search'));
  }

  #submitted(event) {
    event.preventDefault();
    this.#close();
    this.#submit(this.text.trim());
  }

  #empty() {
    this.text = '';
    this.input.focus();
    this.#submit('');
  }

  async #suggest() {
    const turn = (this.#turn += 1);
    const text = this.text.trim();
    this.clear.hidden = !this.text;
    if (!text) {
      this.#close();
      return;
    }
    try {
      const shop = await engine();
      const found = await shop.suggest(text, { limit: LIMIT });
      if (turn === this.#turn) this.#show(found);
    } catch {
      // A search works without suggestions.
      if (turn === this.#turn) this.#close();
    }
  }

  #show(found) {
    this.#found = found;
    this.list.replaceChildren(...found.map((suggestion, at) => this.#option(suggestion, at)));
    this.list.hidden = found.length === 0;
    this.input.setAttribute('aria-expanded', String(found.length > 0));
    this.#activate(-1);
    if (found.length) this.#owner.announce(this.#owner.word('suggestions', { n: found.length }));
  }

  #option(suggestion, at) {
    const picture = pictureAddress(suggestion.picture);
    const kind = { category: 'categories', department: 'departments' }[suggestion.kind];
    return h(
      'li',
      {
        id: `suggestion-${at}`,
        class: 'suggestion',
        part: 'suggestion',
        role: 'option',
        'aria-selected': 'false',
        // The box keeps the focus, so that it is not closed before the click.
        onmousedown: (event) => event.preventDefault(),
        onclick: () => this.#take(at),
      },
      picture && h('img', { src: picture, alt: '' }),
      h('span', {}, suggestion.text),
      kind && h('span', { class: 'kind' }, this.#owner.word(kind)),
    );
  }

  #key(event) {
    const { key } = event;
    const n = this.list.hidden ? 0 : this.#found.length;
    if (key === 'ArrowDown' && !n) {
      event.preventDefault();
      this.#suggest();
    } else if ((key === 'ArrowDown' || key === 'ArrowUp') && n) {
      event.preventDefault();
      // One place more than there are: the box itself.
      const next = this.#active + (key === 'ArrowDown' ? 1 : -1);
      this.#activate(((next + 1 + n + 1) % (n + 1)) - 1);
    } else if (key === 'Enter' && this.#active >= 0 && !event.isComposing) {
      event.preventDefault();
      this.#take(this.#active);
    } else if (key === 'Escape' && n) {
      event.preventDefault();
      this.#close();
    }
  }

  #activate(at) {
    this.#active = at;
    [...this.list.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === at)));
    if (at < 0) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', `suggestion-${at}`);
    this.list.children[at]?.scrollIntoView({ block: 'nearest' });
  }

  #take(at) {
    const suggestion = this.#found[at];
    this.#close();
    this.#choose(suggestion);
  }

  #close() {
    this.#turn += 1;
    this.#found = [];
    this.#activate(-1);
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
  }
}
