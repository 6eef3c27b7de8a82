// Cards as hits.

/** A card as InstantSearch wants a hit: a price in whole units of the currency, words highlighted. */
export function hitOf(card, wanted, digits) {
  const { id, picture, link, price, ...others } = card;
  return {
    ...others,
    objectID: String(id),
    image: picture,
    url: link,
    price: price == null ? undefined : price / 10 ** digits,
    _highlightResult: { title: marked(card.title, wanted), brand: marked(card.brand ?? '', wanted) },
  };
}

function marked(text, wanted) {
  const value = highlighted(text, wanted.query, wanted);
  return { value, matchLevel: value === text ? 'none' : 'partial', matchedWords: [] };
}

/** The text with the words of a query between the tags that InstantSearch asked for. */
export function highlighted(text, query, { highlightPreTag = '<em>', highlightPostTag = '</em>' }) {
  const words = query.split(/\s+/).filter(Boolean);
  if (words.length === 0) return text;
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(escaped.join('|'), 'giu');
  return text.replace(pattern, (found) => `${highlightPreTag}${found}${highlightPostTag}`);
}
