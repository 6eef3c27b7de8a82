// The page until the program that ranks on the device is there: the fragment that the
// server draws of the most bought products (/front.html), asked for by every page alike.
// Links are fragments of the address, which the program reads when it starts; a search
// becomes one; what is put into the basket is kept in this tab until the program takes it
// over (web/src/front.rs).
(() => {
  /** Longest that a program from the network waits for the first tiles. */
  const WAIT_MS = 4000;
  const EARLY = 'vitrine-early';
  const app = document.getElementById('app');
  const splash = '<p class="splash" role="status">Opening…</p>';
  let tiles;

  // Prices as the browser's locale writes them; plain decimals in an unknown currency.
  const priceFormat = (currency) => {
    try {
      return new Intl.NumberFormat(undefined, { style: 'currency', currency });
    } catch {
      return new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    }
  };

  const drawPrices = (grid) => {
    const format = priceFormat(grid.dataset.currency);
    const scale = 10 ** format.resolvedOptions().maximumFractionDigits;
    for (const price of grid.querySelectorAll('[data-minor]')) {
      const minor = Number(price.dataset.minor);
      if (minor > 0) price.textContent = format.format(minor / scale);
    }
  };

  // Popular products are for whom the shop does not know yet, on the front page.
  const isKnown = () => {
    // The prices of another list are not known here.
    if (document.documentElement.dataset.priceList) return true;
    try {
      return localStorage.getItem('vitrine-known') !== null;
    } catch {
      return false;
    }
  };
  const wantsTiles = () => !isKnown() && ['', '#', '#/'].includes(location.hash);

  const show = () => {
    // The program has taken the page over.
    const main = app.querySelector('main[data-front]');
    if (main) main.innerHTML = wantsTiles() ? tiles : splash;
  };

  const draw = (html) => {
    if (!app.querySelector('.splash')) return;
    app.innerHTML = html;
    const main = app.querySelector('main');
    main.dataset.front = '';
    drawPrices(main.querySelector('.grid'));
    // Nobody is asked what they like before they agree that it is remembered.
    if (document.documentElement.dataset.consent) main.querySelector('.starters')?.remove();
    tiles = main.innerHTML;
    show();
  };

  addEventListener('hashchange', show);

  addEventListener('submit', (event) => {
    if (!app.querySelector('main[data-front]')) return;
    event.preventDefault();
    const text = event.target.querySelector('input').value.trim();
    if (text) location.hash = `#/search?${new URLSearchParams({ q: text })}`;
  });

  addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-add]');
    if (!button) return;
    const earlier = sessionStorage.getItem(EARLY);
    sessionStorage.setItem(EARLY, earlier ? `${earlier} ${button.dataset.add}` : button.dataset.add);
    const n = Number(button.dataset.n ?? 0) + 1;
    button.dataset.n = n;
    button.classList.add('in-basket');
    button.textContent = n;
    dispatchEvent(new Event(EARLY));
  });

  // Without it the page waits for the program, as it does without a network.
  const drawn = fetch('/front.html')
    .then((reply) => (reply.ok ? reply.text().then(draw) : undefined))
    .catch(() => {});
  const late = new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  // The program is loaded afterwards (Trunk.toml), so that it takes no bandwidth from them.
  // One that is kept here (sw.js) takes none, and the server sees no request for it anyway.
  const isKept = Boolean(navigator.serviceWorker?.controller);
  globalThis.vitrineFront = isKept ? undefined : Promise.race([drawn, late]);
})();
