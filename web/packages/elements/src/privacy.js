// <vitrine-privacy>: what is recorded, what was sent, a copy of it, an end of it, and consent.
import { VitrineElement } from './base.js';
import { h } from './dom.js';
import { current, engine } from './shop.js';

/** Requests that are listed, the newest first. */
const REQUESTS_MAX = 100;

export class PrivacyElement extends VitrineElement {
  static layout = 'privacy stack';
  static observedAttributes = ['heading', 'heading-level'];
  static failed = 'privacyFailed';
  #head = h('div', {});
  #about = h('section', { class: 'stack' });
  #switch = h('input', { type: 'checkbox', role: 'switch', part: 'switch', onchange: () => this.#decide(this.#switch.checked) });
  #consent = h('section', { part: 'consent' });
  #actions = h('section', { class: 'actions', part: 'actions' });

  render() {
    this.body.append(h('div', {}, this.#head, this.#consent), this.#about, this.#actions);
  }

  async load(shop) {
    const [profile, consent] = await Promise.all([shop.profile(), shop.consent()]);
    return { profile, consent };
  }

  show({ profile, consent }) {
    this.dataset.consent = consent;
    this.#head.replaceChildren(...this.ownHeading(this.word('privacy')));
    this.#showConsent(consent);
    this.#about.replaceChildren(...this.#learned(profile), ...this.#sent(profile.ledger));
    if (!this.#actions.hasChildNodes()) this.#showActions();
    return true;
  }

  #showConsent(consent) {
    const asked = consent === 'unanswered';
    if (this.#consent.dataset.asked === String(asked)) {
      this.#switch.checked = consent === 'given';
      return;
    }
    this.#consent.dataset.asked = asked;
    const hadFocus = this.#consent.contains(this.shadowRoot.activeElement);
    if (asked) {
      // Both answers look alike.
      const yes = this.#button('consentYes', () => this.#decide(true));
      const both = h('div', { class: 'actions' }, yes, this.#button('consentNo', () => this.#decide(false)));
      this.#consent.replaceChildren(h('p', {}, this.word('consentAsk')), both);
    } else {
      this.#switch.checked = consent === 'given';
      this.#consent.replaceChildren(
        h('label', { class: 'value', part: 'switch-label' }, this.#switch, h('span', {}, this.word('consent'))),
      );
    }
    if (hadFocus) this.#consent.querySelector('input, button').focus();
  }

  #learned({ lines, recorded }) {
    const list = lines.map((line) => h('li', { part: 'line' }, line));
    return [
      h(
        'div',
        {},
        this.headingOf(this.word('learned'), 1),
        h('p', { class: 'note', part: 'recorded' }, this.word(recorded ? 'recorded' : 'privacyOff', { n: recorded })),
        list.length ? h('ul', { class: 'lines', part: 'lines' }, list) : h('p', {}, this.word('learnedNothing')),
      ),
    ];
  }

  #sent(ledger) {
    const rows = ledger
      .slice(-REQUESTS_MAX)
      .reverse()
      .map((request) => h('tr', {}, h('td', {}, timeOf(request)), h('td', {}, request.method), h('td', {}, request.path)));
    const table = h('table', { part: 'requests' }, h('tbody', {}, rows));
    return [
      h(
        'div',
        {},
        this.headingOf(this.word('requests'), 1),
        h('p', { class: 'note' }, this.word(rows.length ? 'requestsWhat' : 'requestsNothing')),
        // Scrolled without a mouse, too.
        rows.length > 0 && h('div', { class: 'sent', tabindex: '0', role: 'region', 'aria-label': this.word('requests') }, table),
      ),
    ];
  }

  #button(word, act, kind = '') {
    const attributes = { type: 'button', class: `button ${kind}`, part: `button ${word}`, onclick: act };
    return h('button', attributes, this.word(word));
  }

  #showActions() {
    const erase = this.#button('erase', () => this.#ask(true), 'danger');
    this.#actions.replaceChildren(this.#button('export', () => this.#export()), erase);
  }

  /** Asks in place whether everything is to go; a window of the browser would stop the page. */
  #ask(sure) {
    if (!sure) {
      this.#showActions();
      this.#actions.querySelector('.danger').focus();
      return;
    }
    const keep = this.#button('eraseNo', () => this.#ask(false));
    const question = h('p', { id: 'sure', role: 'alert' }, this.word('eraseSure'));
    this.#actions.replaceChildren(question, this.#button('eraseYes', () => this.#erase(), 'danger'), keep);
    keep.focus();
  }

  async #erase() {
    await this.#do(async (shop) => {
      await shop.erase();
      this.announce(this.word('erased'));
      this.#ask(false);
    });
  }

  async #export() {
    await this.#do(async (shop) => {
      const address = URL.createObjectURL(new Blob([await shop.export()], { type: 'application/json' }));
      h('a', { href: address, download: 'vitrine.json' }).click();
      // The address would keep the bytes of the file.
      setTimeout(() => URL.revokeObjectURL(address));
      this.announce(this.word('exported'));
    });
  }

  #decide(granted) {
    return this.#do((shop) => shop.setConsent(granted));
  }

  async #do(act) {
    try {
      await act(await engine());
    } catch (error) {
      this.fail(error);
    }
    await this.refresh();
  }
}

/** When a request was sent, by the device's clock. */
const timeOf = ({ at }) => (at ? new Date(at).toLocaleTimeString(current().locale) : '');
