// Which product an element is about.
import { ElementsError } from './shop.js';

/** The id in the attribute `product`; none as long as the page has not set it. */
export function productOf(element) {
  const text = element.getAttribute('product');
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new ElementsError(
    'no_product',
    `<${element.localName}> needs \`product\`, the \`id\` of a card (a whole number); it has "${text}".`,
  );
}
