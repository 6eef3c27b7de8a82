// What the monkey sees of a page. These run in the page.

/** What can be pressed, chosen or typed into, in the order of the page. */
export const targets = () => {
  const dialog = document.querySelector('dialog[open]');
  const root = dialog ?? document;
  const selector = 'a[href], button, input, select, [role="option"]';
  const all = [...root.querySelectorAll(selector)].filter((element) => {
    if (element.disabled || !element.checkVisibility()) return false;
    const href = element.getAttribute('href');
    // Out of the page, or to another page of the site.
    return href === null || href.startsWith('#');
  });
  window.monkeyTargets = all;
  return all.map((element) => {
    const held = element.closest('[data-item]');
    const checked = document.querySelector('[data-testid="variants"] input:checked');
    const isLine = held?.dataset.testid === 'basket-line';
    // A row of the log names its card by a link.
    const row = element.closest('[data-testid="event"]')?.querySelector('a');
    return {
      tag: element.tagName.toLowerCase(),
      type: element.type ?? '',
      testid: element.dataset.testid ?? '',
      item: held?.dataset.item ?? row?.hash.slice('#/item/'.length),
      sku: isLine ? held.dataset.sku : checked?.value,
      options: element.tagName === 'SELECT' ? element.options.length : 0,
      // What an answer goes by: the cards that are chosen, the entries that will be gone.
      chosen: [...document.querySelectorAll('[data-testid="starter"][aria-pressed="true"]')].map(
        (starter) => starter.dataset.item,
      ),
      nEntries: Number(element.closest('dialog')?.querySelector('p')?.textContent.match(/\d+/)?.[0]),
      isBack: element.classList.contains('back'),
      words: (element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 40),
    };
  });
};

/** Presses what `targets` found there; for a link back, waits until it has led there. */
export const press = async ({ index, isBack }) => {
  const element = window.monkeyTargets[index];
  const left = new Promise((resolve) => {
    if (!isBack) return resolve();
    window.addEventListener('hashchange', resolve, { once: true });
  });
  element.focus();
  element.click();
  await left;
};

/** Chooses an option of a list by its place. */
export const choose = ({ index, option }) => {
  const element = window.monkeyTargets[index];
  element.focus();
  element.selectedIndex = option;
  element.dispatchEvent(new Event('input', { bubbles: true }));
  element.dispatchEvent(new Event('change', { bubbles: true }));
};

export const focus = (index) => window.monkeyTargets[index].focus();

/** Goes through the tab's history; whether there was anywhere to go. */
export const travel = async (direction) => {
  const can = direction === 'back' ? navigation.canGoBack : navigation.canGoForward;
  if (can) await navigation[direction]().finished;
  return can;
};

/** What the page shows of itself. */
export const state = () => {
  const { events, ready, synced } = document.documentElement.dataset;
  const count = document.querySelector('[data-testid="basket-count"]');
  const lines = document.querySelectorAll('[data-testid="basket-line"]');
  return {
    hash: location.hash,
    broken: !document.getElementById('fatal').hidden,
    nEvents: Number(events ?? 0),
    isReady: ready === 'feed',
    isSynced: synced === 'all',
    pieces: Number(count?.textContent ?? 0),
    product: document.querySelector('[data-testid="product"]')?.dataset.item,
    isBasket: location.hash === '#/basket',
    lines: [...lines].map(({ dataset }) => ({
      item: dataset.item,
      sku: dataset.sku,
      quantity: Number(dataset.quantity),
    })),
  };
};
