// How the elements make and keep nodes. Data becomes text and attributes, never markup, so that
// Trusted Types need no policy.

/**
 * A node: `h('a', { href, part: 'link', onclick }, 'text', node)`. Values of undefined, null and
 * false leave the attribute out; functions are listeners; children that are nullish or false are left out.
 */
export function h(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  set(node, attributes);
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

/** Sets attributes and listeners as {@link h} does. */
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (value == null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? '' : value);
  }
}

/**
 * Makes the children of `parent` those of `items`, in their order. Nodes of items that stay are kept,
 * and the focus with them. `make(item, kept)` gives the node: the kept one, or another.
 */
export function reconcile(parent, items, key, make) {
  const kept = new Map([...parent.children].map((node) => [node.vitrineKey, node]));
  const focused = parent.getRootNode().activeElement;
  const had = parent.contains(focused);
  let at = parent.firstElementChild;
  for (const item of items) {
    const id = String(key(item));
    const old = kept.get(id);
    const node = make(item, old);
    node.vitrineKey = id;
    if (old === node) kept.delete(id);
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  for (const node of kept.values()) node.remove();
  // A node that is moved loses the focus.
  if (had && parent.contains(focused) && parent.getRootNode().activeElement !== focused) {
    focused.focus({ preventScroll: true });
  }
}

// By ISO 4217; `Intl` has other digits for some.
const digitsOf = (currency) =>
  /^(BIF|CLP|DJF|GNF|ISK|JPY|KMF|KRW|PYG|RWF|UGX|UYI|VND|VUV|X[AOP]F)$/.test(currency) ? 0
    : /^(BHD|IQD|JOD|KWD|LYD|OMR|TND)$/.test(currency) ? 3 : 2;

/** A price in minor units, as people of the locale write it. */
export function money(minor, currency, locale) {
  try {
    const digits = digitsOf(currency);
    const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(locale, { style: 'currency', currency, ...shown }).format(minor / 10 ** digits);
  } catch {
    // A code that the browser does not know is said beside the number.
    return `${(minor / 100).toFixed(2)} ${currency ?? ''}`.trim();
  }
}

/** An address that a link may lead to: http, https or relative. Anything else is none. */
export function webAddress(text) {
  if (!text) return undefined;
  try {
    return /^https?:$/.test(new URL(text, document.baseURI).protocol) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** An address of a picture that needs no request: `blob:` or `data:image/`. */
export const pictureAddress = (text) => (/^(blob:|data:image\/)/.test(text ?? '') ? text : undefined);
