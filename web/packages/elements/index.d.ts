import type { Card, InitOptions, Vitrine } from '@vitrine/core';

/** What all elements of a page share. Either `shop`, or `server` with the engine's `init` or address. */
export interface ElementsOptions extends Partial<InitOptions> {
  /** An engine that the page has started itself, or a function that starts one when the first element needs it. */
  shop?: Vitrine | Promise<Vitrine> | (() => Vitrine | Promise<Vitrine>);
  /** `init` of `@vitrine/core`. */
  init?: (options: InitOptions) => Promise<Vitrine>;
  /** Address of the core's `index.js`, for pages without a bundler; default: beside this package. */
  core?: string;
  /** Whether tiles have a button that puts a card into the page's basket; default false. */
  basket?: boolean;
  /** The address of a card's page; default: `card.link`, what the shop's feed says. */
  link?: (card: Card) => string | undefined;
  /** BCP 47 tag for prices and numbers; default: the browser's. */
  locale?: string;
  /** Words to say instead of the English ones; keys as in `src/words.js`. */
  words?: Record<string, string | ((values: Record<string, unknown>) => string)>;
}

/**
 * Tells all elements which shop they show. Called again with the same server it changes words, links and basket of
 * what is drawn from then on; with another server it throws.
 */
export function configure(options: ElementsOptions): void;

/** The engine that the elements share, for `record()` and the like. Waits for `configure()`. */
export function engine(): Promise<Vitrine>;

/** Wrong use of the elements; `message` says what to do next. */
export class ElementsError extends Error {
  readonly code: 'no_server' | 'other_server' | 'no_core' | 'no_product';
}

/** How far an element is: its attribute `data-state`. */
export type ElementState = 'loading' | 'ready' | 'empty' | 'failed';

/** What a tile of the page's own can do: each sends the event that our tile would send. */
export interface TileActions {
  /** Sends `vitrine-add` and records it. */
  add(): Promise<void>;
  /** Sends `vitrine-dismiss` and leaves the card out from now on. */
  dismiss(): Promise<void>;
  /** Sends `vitrine-select`; false if the page handled it. Takes a click's event, to prevent its link. */
  select(event?: MouseEvent): boolean;
}

/** Makes a tile of the page's own. */
export type OwnTile = (card: Card, actions: TileActions) => Node;

/** Detail of `vitrine-select`, `vitrine-add` and `vitrine-dismiss`; `place` counts from 1. */
export interface CardDetail {
  card: Card;
  place: number;
}

/** Detail of `vitrine-search`: what the shopper asked for. */
export interface SearchDetail {
  query: string;
  filters: Record<string, unknown>;
}

declare class VitrineElement extends HTMLElement {
  /** Loads and shows again. */
  refresh(): Promise<void>;
  readonly state: ElementState;
}

/** `<vitrine-shop server core worker consent price-list locale basket>`: `configure()` in HTML. */
export class ShopElement extends HTMLElement {}
/** `<vitrine-feed limit heading heading-level dismissible>`. */
export class FeedElement extends VitrineElement {
  tile?: OwnTile;
}
/** `<vitrine-search query limit placeholder no-facets heading-level>`. */
export class SearchElement extends VitrineElement {
  tile?: OwnTile;
  query: string;
  filters: Record<string, unknown>;
  search(query: string, filters?: Record<string, unknown>): Promise<void>;
}
/** `<vitrine-related product limit heading heading-level>`. */
export class RelatedElement extends VitrineElement {
  tile?: OwnTile;
}
/** `<vitrine-why product heading heading-level>`. */
export class WhyElement extends VitrineElement {}
/** `<vitrine-privacy heading heading-level>`. */
export class PrivacyElement extends VitrineElement {}

declare global {
  interface HTMLElementTagNameMap {
    'vitrine-shop': ShopElement;
    'vitrine-feed': FeedElement;
    'vitrine-search': SearchElement;
    'vitrine-related': RelatedElement;
    'vitrine-why': WhyElement;
    'vitrine-privacy': PrivacyElement;
  }
  interface HTMLElementEventMap {
    'vitrine-select': CustomEvent<CardDetail>;
    'vitrine-add': CustomEvent<CardDetail>;
    'vitrine-dismiss': CustomEvent<CardDetail>;
    'vitrine-search': CustomEvent<SearchDetail>;
    'vitrine-error': CustomEvent<{ error: Error }>;
  }
}
