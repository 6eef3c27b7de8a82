// What the monkey does: each step says in words what it was.
import * as look from './look.mjs';
import { Tab } from './tabs.mjs';

const TABS_MAX = 4;
const WORDS = [
  'milk', 'orange juice', 'dog food under 5', 'gluten free pasta', 'choc', 'coke -brand',
  '"under 5"', 'mlik', 'under under 3', '🧀', "'; drop table", '   ', 'x'.repeat(500), 'ä'.repeat(40),
];
/** Pieces as they are typed, and what is none. */
const QUANTITIES = ['0', '1', '2', '12', '007', '1500', '2.5', '-1', 'two'];
const NUMBERS = ['0', '3', '2.5', '-1', '1e9', '99999999999'];
const ROUTES = [
  '#/', '#/basket', '#/privacy', '#/nowhere', '#/item/zz', '#/item/ffffffffffffffff', '#',
  '#/search?q=milk', '#/search?q=', '#/search?q=tea&min=900&max=100', '#/search?q=bread&sort=price_ascending',
  '#/search?department=Nothing', '#/search?q=%F0%9F%A7%80&available=1&not=Acme',
];
const VIEWS = ['#/', '#/search', '#/reports', '#/listings', '#/training', '#/nowhere'];
const KEYS = ['Tab', 'Shift+Tab', 'Escape', 'ArrowDown', 'PageDown', 'End'];
const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

/** What makes an event of the log. */
const ACTS = ['add', 'add-to-basket', 'more', 'less', 'remove', 'undo-remove', 'buy', 'order-again'];
/** What stops or deletes it. */
const ENDS = ['pause', 'delete-confirm'];

const WEIGHTS = {
  press: 52, type: 9, choose: 4, travel: 10, reload: 3, tab: 7, network: 3, route: 6, key: 3, resize: 2,
};

export class Monkey {
  constructor({ random, model, context, base, token, faults }) {
    Object.assign(this, { random, model, context, base, token, faults });
    this.tabs = [];
    this.isOffline = false;
    this.minutes = 0;
  }

  async open(isStudio, hash) {
    const url = `${this.base}/${isStudio ? 'studio' : ''}?backend=cpu${hash}`;
    const tab = await Tab.open(this.context, url, this.faults, this.minutes);
    this.tabs.push(tab);
    this.current = tab;
    if (!isStudio) await tab.ready();
    return tab;
  }

  /** Does something; what it was, and what must have happened to the log. */
  async step() {
    this.minutes += 1;
    this.model.minutes = this.minutes;
    for (const tab of this.tabs) await tab.setTime(this.minutes);
    const tab = this.current;
    const before = await tab.state();
    const did = await this[this.random.weighted(WEIGHTS)](tab);
    const shown = this.current;
    await shown.settle();
    const after = await shown.state();
    const isNew = did.loads || shown !== tab || after.hash !== before.hash;
    const isOpened = isNew && !did.onlyShows && !shown.isStudio && after.product !== undefined;
    const events = did.events ?? [];
    if (isOpened) events.push({ kind: 'view_item', item: after.product });
    this.model.happens(shown, events);
    if (did.afterwards) did.afterwards();
    return `${tab.name} ${before.hash}: ${did.words}`;
  }

  async press(tab) {
    const all = await tab.ask(look.targets);
    const targets = all.map((target, index) => ({ ...target, index }));
    const pressable = targets.filter(({ tag, type }) => {
      return tag === 'a' || tag === 'button' || tag === 'li' || ['radio', 'checkbox'].includes(type);
    });
    if (pressable.length === 0) return { words: 'nothing to press' };
    const target = this.choosePressable(pressable);
    const events = tab.isStudio ? [] : this.model.ofPress(tab, target);
    await tab.ask(look.press, target);
    return { words: `press ${target.tag} “${target.words}”`, events, afterwards: this.after(tab, target) };
  }

  /**
   * A third of the time what makes the log, a third of the time what has a name of its own
   * (most of a page is tiles); what ends a log is pressed seldom.
   */
  choosePressable(pressable) {
    const acts = pressable.filter(({ testid }) => ACTS.includes(testid));
    const named = pressable.filter(({ testid, tag }) => !['add', 'why', ''].includes(testid) || tag === 'input');
    const kinds = [acts, named].filter((list) => list.length > 0);
    const from = this.random.next() < 2 / 3 && kinds.length > 0 ? this.random.pick(kinds) : pressable;
    const chosen = this.random.pick(from);
    return ENDS.includes(chosen.testid) ? this.random.pick(from) : chosen;
  }

  /** What pressing changes besides the log. */
  after(tab, { testid, item, nEntries }) {
    if (tab.isStudio) return undefined;
    return {
      'event-delete': () => this.model.forgets(1, item),
      'profile-forget': () => { tab.askedAt = this.model.version; },
      // The number was said when the dialog opened; other tabs may have gone on since.
      'forget-confirm': () => this.model.forgets(tab.askedAt === this.model.version ? nEntries : undefined),
      pause: () => { this.model.paused = !this.model.paused; },
      'delete-confirm': () => {
        this.model.log = [];
        for (const each of this.tabs) Object.assign(each, { unlogged: [], answered: [] });
      },
    }[testid];
  }

  async type(tab) {
    const targets = (await tab.ask(look.targets)).map((target, index) => ({ ...target, index }));
    const fields = targets.filter(({ tag, type }) => {
      return tag === 'input' && ['search', 'text', 'number', 'password'].includes(type);
    });
    if (fields.length === 0) return { words: 'nothing to type into' };
    const field = this.random.pick(fields);
    const text = this.text(field);
    await tab.ask(look.focus, field.index);
    await tab.page.keyboard.press('Control+A');
    await tab.page.keyboard.insertText(text);
    const isQuantity = field.testid === 'quantity';
    // A number of pieces counts once the field is left.
    const ways = isQuantity
      ? [['Tab'], ['Enter', 'Tab']]
      : [['Enter'], ['Enter'], ['ArrowDown', 'Enter'], ['ArrowUp', 'Escape'], []];
    const keys = this.random.pick(ways);
    const events = isQuantity ? this.model.ofQuantity(tab, field, text) : [];
    for (const key of keys) await tab.page.keyboard.press(key);
    return { words: `type “${text.slice(0, 30)}” ${keys.join(' ')}`, events };
  }

  text({ type, testid }) {
    if (testid === 'quantity') return this.random.pick(QUANTITIES);
    if (type === 'number') return this.random.pick(NUMBERS);
    if (type === 'password') return this.random.next() < 0.8 ? this.token : 'another token';
    return this.random.pick(WORDS);
  }

  async choose(tab) {
    const targets = (await tab.ask(look.targets)).map((target, index) => ({ ...target, index }));
    const lists = targets.filter(({ options }) => options > 0);
    if (lists.length === 0) return { words: 'nothing to choose from' };
    const { index, options, testid } = this.random.pick(lists);
    const option = this.random.below(options);
    await tab.ask(look.choose, { index, option });
    return { words: `choose ${option} of ${testid}` };
  }

  async travel(tab) {
    const direction = this.random.next() < 0.7 ? 'back' : 'forward';
    const went = await tab.ask(look.travel, direction);
    return { words: went ? `go ${direction}` : `cannot go ${direction}` };
  }

  async reload(tab) {
    if (tab.isStudio && this.isOffline) return { words: 'no network, no Studio' };
    await tab.page.reload();
    tab.unlogged = [];
    if (!tab.isStudio) await tab.ready();
    return { words: 'reload', loads: true };
  }

  async tab(tab) {
    const others = this.tabs.filter((other) => other !== tab);
    const way = this.random.weighted({ show: others.length * 2, open: 2, studio: 1, close: others.length });
    if (way === 'close' && others.some((other) => !other.isStudio || !tab.isStudio)) {
      const closed = this.random.pick(this.tabs);
      const left = this.tabs.filter((other) => other !== closed);
      if (left.some((other) => !other.isStudio)) {
        await closed.page.close();
        this.tabs = left;
        this.current = closed === tab ? this.random.pick(left) : tab;
        await this.current.page.bringToFront();
        return { words: `close a ${closed.name}`, onlyShows: true };
      }
    }
    const hasStudio = this.tabs.some((other) => other.isStudio);
    // The Studio is not kept for a time without network.
    const isStudio = way === 'studio' && !hasStudio && !this.isOffline;
    if (this.tabs.length < TABS_MAX && (way === 'open' || isStudio)) {
      const hash = isStudio ? '' : this.random.pick([...ROUTES, (await tab.state()).hash]);
      await this.open(isStudio, hash);
      return { words: `open a ${this.current.name} at ${hash}`, loads: true };
    }
    if (others.length === 0) return { words: 'no other tab' };
    this.current = this.random.pick(others);
    await this.current.page.bringToFront();
    return { words: `show a ${this.current.name}`, onlyShows: true };
  }

  async network() {
    this.isOffline = !this.isOffline;
    await this.context.setOffline(this.isOffline);
    return { words: this.isOffline ? 'the network goes' : 'the network comes back' };
  }

  async route(tab) {
    const hash = this.random.pick(tab.isStudio ? VIEWS : ROUTES);
    await tab.ask((hash) => {
      location.hash = hash;
    }, hash);
    return { words: `go to ${hash}` };
  }

  async key(tab) {
    const key = this.random.pick(KEYS);
    await tab.page.keyboard.press(key);
    return { words: `key ${key}` };
  }

  async resize(tab) {
    const size = this.random.pick(SIZES);
    await tab.page.setViewportSize(size);
    return { words: `resize to ${size.width}` };
  }
}
