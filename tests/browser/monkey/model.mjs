// What the log and the basket must be, told from what was done alone.

/** Key of a line of the basket. */
const keyOf = ({ item, sku }) => `${item} ${sku ?? ''}`;

export class Model {
  constructor() {
    /** Events that the log must have, oldest first: kind, item, sku, pieces, number. */
    this.log = [];
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

  /** Takes what must follow from something done in a tab. */
  happens(tab, events) {
    for (const event of events) event.number = this.nEver++;
    if (!this.paused) this.log.push(...events);
    else tab.unlogged.push(...events.filter(({ kind }) => kind !== 'view_item'));
  }

  /** What must follow from pressing a button, by its name for tests. */
  ofPress(tab, { testid, item, sku }) {
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
      case 'less': {
        const line = this.basket(tab).find((line) => line.item === item && line.sku === sku);
        const pieces = line.quantity > 1 ? 1 : undefined;
        return [{ kind: 'remove_from_cart', item, sku, pieces }];
      }
      case 'remove':
        return [{ kind: 'remove_from_cart', item, sku }];
      case 'buy':
        return this.basket(tab).map(({ item, sku, quantity }) => {
          return { kind: 'purchase', item, sku, pieces: quantity };
        });
      default:
        return [];
    }
  }

  /** Compares with the log on the device; says what differs, if anything. */
  differs(stored) {
    const length = Math.max(stored.length, this.log.length);
    for (let i = 0; i < length; i += 1) {
      const [is, must] = [stored[i], this.log[i]];
      if (!is) return `event ${i} is missing: ${JSON.stringify(must)}`;
      if (!must) return `event ${i} came from nothing: ${JSON.stringify(is)}`;
      if (must.usual && must.sku === undefined) {
        must.sku = is.sku;
        this.usual.set(must.item, is.sku);
      }
      const same = ['kind', 'item', 'sku', 'pieces'].every((field) => is[field] === must[field]);
      if (!same) return `event ${i} is ${JSON.stringify(is)}, not ${JSON.stringify(must)}`;
    }
    return null;
  }
}
