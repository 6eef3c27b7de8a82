// The page until the program that ranks on the device is there: the fragment that the
// server draws of the most bought products (/front.html), asked for by every page alike.
// Links are fragments of the address, which the program reads when it starts; what is typed
// becomes one; what is put into the basket is kept in this tab until the program takes it
// over (web/src/front.rs).
(() => {
  /** Longest that a program from the network waits for the first tiles. */
  const WAIT_MS = 4000;
  const EARLY = 'vitrine-early';
  const PRODUCT = /^\/p\/([0-9a-f]{16})(?:-|$)/;
  const SHELF = /^\/c\/(.+)/;
  // The program's languages (crates/words). The first is that of others, too.
  const WORDS = {
    en: ['Opening…', 'Add one more {} to basket, # in it', '{} is in the basket.', '{} is in the basket # times.'],
    'zh-Hans': ['正在打开…', '再加一件“{}”到购物车，已有 # 件', '“{}”已加入购物车。', '购物车中有 # 件“{}”。'],
    de: ['Wird geöffnet …', 'Noch einmal {} in den Warenkorb legen, # darin', '{} ist im Warenkorb.', '{} ist #-mal im Warenkorb.'],
  };
  const app = document.getElementById('app');

  /** The language that was chosen (web/src/front.rs), else what the browser prefers. */
  const language = () => {
    const asked = [...navigator.languages];
    try {
      asked.unshift(localStorage['vitrine-language'] ?? '');
    } catch {
      // Nothing is kept here.
    }
    const primary = (tag) => tag.split('-')[0].toLowerCase();
    const known = Object.keys(WORDS);
    const spoken = asked.map((tag) => known.find((own) => primary(own) === primary(tag)));
    return spoken.find((tag) => tag) ?? 'en';
  };
  const words = WORDS[language()];
  const say = (n, title, count) => words[n].replace('{}', () => title).replace('#', count);
  const splash = `<p class="splash" role="status">${words[0]}</p>`;
  if (words !== WORDS.en) app.querySelector('.splash')?.replaceChildren(words[0]);
  let tiles;
  /** The page that the server drew for the address of a product or category, and its fragment. */
  let arrived = {};

  // Read out by screen readers when it changes; the program has its own.
  const status = document.createElement('p');
  status.className = 'visually-hidden';
  status.role = 'status';
  status.dataset.testid = 'front-announcement';
  document.body.append(status);

  // Prices as the browser's locale writes them; plain decimals in an unknown currency. Browsers
  // round the forint to whole ones: how many digits a price has is the server's word.
  const priceFormat = ({ currency, digits }) => {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    try {
      return new Intl.NumberFormat(undefined, { style: 'currency', currency, ...options });
    } catch {
      return new Intl.NumberFormat(undefined, options);
    }
  };

  const drawPrices = (within) => {
    const format = priceFormat(within.dataset);
    const scale = 10 ** within.dataset.digits;
    for (const price of within.querySelectorAll('[data-minor]')) {
      const minor = Number(price.dataset.minor);
      if (minor > 0) price.textContent = format.format(minor / scale);
    }
  };

  // Popular products are for whom the shop does not know yet, on the front page.
  const isKnown = () => {
    // The prices of another list are not known here.
    if (document.documentElement.dataset.priceList) return true;
    try {
      return ['vitrine-known', 'vitrine-other-prices'].some((mark) => mark in localStorage);
    } catch {
      return false;
    }
  };
  const wantsTiles = () => !isKnown() && ['', '#', '#/'].includes(location.hash);

  const show = () => {
    // The program has taken the page over.
    const main = app.querySelector('main[data-front]');
    if (!main) return;
    const own = location.hash === arrived.hash && arrived.html;
    main.innerHTML = own || (wantsTiles() && tiles) || splash;
  };

  // The words of an address, as far as it can be read.
  const wordsOf = (path) => {
    try {
      return decodeURIComponent(path).replace(/[^\p{L}\p{N}]+/gu, ' ');
    } catch {
      return '';
    }
  };

  // What such an address says in a fragment. A category is named by the page that the server
  // drew; the page that is kept for want of a network looks for its words.
  const fragment = () => {
    const id = PRODUCT.exec(location.pathname)?.[1];
    if (id) return `#/item/${id}`;
    const main = app.querySelector('main[data-front]');
    const words = SHELF.exec(location.pathname)?.[1];
    if (words) return main?.dataset.route ?? `#/search?${new URLSearchParams({ q: wordsOf(words) })}`;
    return main ? '#/' : undefined;
  };

  // From here on the page is the one that everybody has, the address names nothing to a server,
  // and no link does (docs/real-urls.md).
  const arrive = () => {
    const hash = fragment();
    if (!hash) return;
    // What campaigns add may name a product, too.
    const backend = new URLSearchParams(location.search).get('backend');
    const search = backend ? `?${new URLSearchParams({ backend })}` : '';
    history.replaceState(null, '', `/${search}${hash}`);
    const main = app.querySelector('main[data-front]');
    if (!main) return;
    for (const link of app.querySelectorAll('[data-route]')) {
      if (link !== main) link.setAttribute('href', link.dataset.route);
    }
    for (const part of app.querySelectorAll('[hidden]')) part.hidden = false;
    for (const part of app.querySelectorAll('[data-paging], .foot')) part.remove();
    drawPrices(main);
    arrived = { hash: location.hash, html: main.innerHTML };
    const leave = () => document.querySelectorAll('head [data-arrival]').forEach((part) => part.remove());
    addEventListener('hashchange', leave, { once: true });
  };

  const draw = (html) => {
    const drawn = document.createElement('div');
    drawn.innerHTML = html;
    const main = drawn.querySelector('main');
    main.dataset.front = '';
    drawPrices(main.querySelector('.grid'));
    // Nobody is asked what they like before they agree that it is remembered.
    if (document.documentElement.dataset.consent) main.querySelector('.starters')?.remove();
    tiles = main.innerHTML;
    // The program, or the page of an address, is there already.
    if (arrived.html || !app.querySelector('.splash')) return;
    app.replaceChildren(...drawn.childNodes);
    show();
  };

  arrive();
  addEventListener('hashchange', show);

  addEventListener('submit', (event) => {
    if (!app.querySelector('main[data-front]')) return;
    event.preventDefault();
    const text = event.target.querySelector('input').value.trim();
    if (text) location.hash = `#/search?${new URLSearchParams({ q: text })}&sent`;
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
    // Once the program runs it says so itself, since then it hears this.
    if (app.querySelector('main[data-front]')) {
      const title = button.closest('.tile').querySelector('.tile-title').textContent;
      button.setAttribute('aria-label', say(1, title, n));
      status.textContent = say(n > 1 ? 3 : 2, title, n);
    }
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
