// What the log and the basket must be, told from what was done alone.

/** Most pieces of a line, as `PIECES_MAX` of the session. */
const PIECES_MAX = 999;
/** Purchases so near to the last one are one basket, as `BASKET_MS` of the session. */
const BASKET_MINUTES = 10;

/** Key of a line of the basket. */
const keyOf = ({ item, sku }) => `${item} ${sku ?? ''}`;

/** Whether an event of the log is what it must be. */
const isSame = (is, must) => ['kind', 'item', 'sku', 'pieces'].every((field) => is[field] === must[field]);

export class Model {
  constructor() {
    /** Events that the log must have, oldest first: kind, item, sku, pieces, number. */
    this.log = [];
    /** What was deleted and is not known to be gone yet: how many events, and of which card; each
     * is absent where nothing was said of it. */
    this.leaving = undefined;
    this.minutes = 0;
    this.paused = false;
    /** Events ever, those that were deleted too. */
    this.nEver = 0;
    /** The usual size of each item, learned from the first time it was put in. */
    this.usual = new Map();
  }

  /** Lines of the basket that a tab must show: [key, quantity] in order. */
  basket(tab) {
    const lines = new Map();
    const all = [...this.log, ...tab.unlogged].sort((a, b) => a.number - b.number);
    for (const event of all) {
      const key = keyOf(event);
      const n = lines.get(key) ?? 0;
      if (event.kind === 'add_to_cart') lines.set(key, n + (event.pieces ?? 1));
      if (event.kind === 'remove_from_cart' || event.kind === 'purchase') {
        const left = event.pieces === undefined ? 0 : n - event.pieces;
        if (left > 0) lines.set(key, left);
        else lines.delete(key);
      }
    }
    return [...lines].map(([key, quantity]) => {
      const [item, sku] = key.split(' ');
      return { item, sku: sku === '' ? undefined : sku, quantity };
    });
  }

  pieces(tab) {
    return this.basket(tab).reduce((sum, line) => sum + line.quantity, 0);
  }

  line(tab, { item, sku }) {
    return this.basket(tab).find((line) => line.item === item && line.sku === sku);
  }

  /** The basket that was bought last: its lines, in the order of the log. */
  lastBasket() {
    const bought = this.log.filter(({ kind }) => kind === 'purchase');
    const last = Math.max(...bought.map(({ minutes }) => minutes));
    const lines = new Map();
    for (const event of bought.filter(({ minutes }) => last - minutes < BASKET_MINUTES)) {
      const { item, sku, pieces } = event;
      const line = lines.get(keyOf(event)) ?? { item, sku, quantity: 0 };
      line.quantity += pieces;
      lines.set(keyOf(event), line);
    }
    return [...lines.values()];
  }

  /** Whether a log with so many events can be the one that must be there. */
  fits(nEvents) {
    if (this.leaving && this.leaving.n === undefined) return nEvents < this.log.length;
    return nEvents === this.log.length - (this.leaving?.n ?? 0);
  }

  /** Changes with every event that comes or goes. */
  get version() {
    return `${this.nEver} ${this.log.length}`;
  }

  /** Events that are deleted one by one, or with what was learned from them. */
  forgets(n, item) {
    this.leaving = { n, item };
  }

  /** Takes what must follow from something done in a tab. */
  happens(tab, events) {
    for (const event of events) {
      event.number = this.nEver++;
      event.minutes = this.minutes;
    }
    if (!this.paused) this.log.push(...events);
    else tab.unlogged.push(...events.filter(({ kind }) => kind !== 'view_item'));
  }

  /** What must follow from pressing a button, by its name for tests. */
  ofPress(tab, { testid, item, sku, chosen }) {
    switch (testid) {
      case 'add':
        return [{ kind: 'add_to_cart', item, sku: this.usual.get(item), usual: true }];
      case 'add-to-basket':
        return [
          sku === undefined
            ? { kind: 'add_to_cart', item, sku: this.usual.get(item), usual: true }
            : { kind: 'add_to_cart', item, sku },
        ];
      case 'more':
        return [{ kind: 'add_to_cart', item, sku }];
      case 'less':
        return this.ofPieces(tab, { item, sku }, this.line(tab, { item, sku }).quantity - 1);
      case 'remove':
        return this.ofPieces(tab, { item, sku }, 0);
      case 'undo-remove': {
        const { item, sku, quantity } = tab.removed;
        const missing = quantity - (this.line(tab, { item, sku })?.quantity ?? 0);
        return missing > 0 ? [{ kind: 'add_to_cart', item, sku, pieces: missing }] : [];
      }
      case 'order-again':
        return this.lastBasket().map(({ item, sku, quantity }) => {
          const pieces = quantity === 1 ? undefined : quantity;
          return { kind: 'add_to_cart', item, sku: sku ?? this.usual.get(item), pieces, usual: true };
        });
      case 'starters-answer':
        return chosen.toSorted().map((item) => ({ kind: 'view_item', item }));
      case 'buy':
        return this.basket(tab).map(({ item, sku, quantity }) => {
          return { kind: 'purchase', item, sku, pieces: quantity };
        });
      default:
        return [];
    }
  }

  /** What must follow from giving a line so many pieces. */
  ofPieces(tab, { item, sku }, pieces) {
    const line = this.line(tab, { item, sku });
    if (pieces === 0) tab.removed = line;
    const [more, fewer] = [pieces - line.quantity, line.quantity - pieces];
    if (more > 0) return [{ kind: 'add_to_cart', item, sku, pieces: more > 1 ? more : undefined }];
    if (fewer > 0) return [{ kind: 'remove_from_cart', item, sku, pieces: pieces > 0 ? fewer : undefined }];
    return [];
  }

  /** What must follow from typing a number of pieces; what is no number changes nothing. */
  ofQuantity(tab, key, text) {
    const isNumber = /^\d+$/.test(text);
    return isNumber ? this.ofPieces(tab, key, Math.min(Number(text), PIECES_MAX)) : [];
  }

  /** Takes off what was deleted, by what is left of it; says what is wrong, if anything. */
  leave(stored) {
    const { n, item } = this.leaving;
    this.leaving = undefined;
    const gone = [];
    const left = this.log.filter((must, place) => {
      const stays = stored[place - gone.length];
      const isHere = stays !== undefined && isSame(stays, must);
      if (!isHere) gone.push(must);
      return isHere;
    });
    this.log = left;
    if (n !== undefined && gone.length !== n) return `${gone.length} events are gone, not ${n}`;
    const others = gone.filter((event) => item !== undefined && event.item !== item);
    return others.length > 0 ? `${JSON.stringify(others)} went, not an event of ${item}` : null;
  }

  /** Compares with the log on the device; says what differs, if anything. */
  differs(stored) {
    const wrong = this.leaving ? this.leave(stored) : null;
    if (wrong) return wrong;
    const length = Math.max(stored.length, this.log.length);
    for (let i = 0; i < length; i += 1) {
      const [is, must] = [stored[i], this.log[i]];
      if (!is) return `event ${i} is missing: ${JSON.stringify(must)}`;
      if (!must) return `event ${i} came from nothing: ${JSON.stringify(is)}`;
      if (must.usual && must.sku === undefined) {
        must.sku = is.sku;
        this.usual.set(must.item, is.sku);
      }
      if (!isSame(is, must)) return `event ${i} is ${JSON.stringify(is)}, not ${JSON.stringify(must)}`;
    }
    return null;
  }
}
