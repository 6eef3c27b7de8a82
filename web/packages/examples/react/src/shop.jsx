import { engine } from '@vitrine/elements';
import { useState } from 'react';

/** A shop with a basket and product pages of its own. */
export function Shop() {
  const [basket, setBasket] = useState([]);
  const [product, setProduct] = useState(null);

  // The element records what is added, unless preventDefault() is called.
  const add = ({ detail: { card } }) => setBasket((lines) => [...lines, card]);

  const open = async (event) => {
    event.preventDefault();
    const { card } = event.detail;
    setProduct(card);
    const shop = await engine();
    await shop.record({ type: 'view_item', id: card.id });
  };

  const events = { 'onvitrine-add': add, 'onvitrine-select': open };
  return (
    <main>
      <h1>A shop in React</h1>
      <p>
        Basket: <output>{basket.length}</output>
      </p>
      <vitrine-search {...events} />
      <vitrine-feed limit="12" dismissible="" {...events}>
        <p>Our products are on their way.</p>
      </vitrine-feed>
      {product && (
        <section>
          <h2>{product.title}</h2>
          <vitrine-why product={product.id} />
          <vitrine-related product={product.id} limit="8" {...events} />
        </section>
      )}
      <vitrine-feed class="own" limit="4" heading="In this shop's own tiles" {...events}>
        <template slot="tile">
          <a className="card" data-vitrine-link="">
            <img data-vitrine="picture" alt="" />
            <strong data-vitrine="title" />
            <span data-vitrine="price" />
          </a>
        </template>
      </vitrine-feed>
      <vitrine-privacy />
    </main>
  );
}
