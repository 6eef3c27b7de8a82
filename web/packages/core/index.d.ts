/**
 * `@vitrine/core`: search and recommendations for a shop's own page. What a shopper does stays in
 * their browser; the Vitrine server is asked for the same files by everyone, and for searches.
 * Everything runs in a worker, so that no call blocks the page.
 */

/** How {@link init} starts. */
export interface InitOptions {
  /**
   * Address of the Vitrine server, of which the origin counts: `"https://search.shop.example"`.
   * The server has to allow the page's origin (`--embed-origin`, or `origins` in its `[embed]`
   * settings).
   */
  server: string;
  /**
   * `"required"` (the default): nothing is recorded, on the device or in memory, before
   * {@link Vitrine.setConsent} was called with `true` here or in an earlier visit.
   * `"given"`: the shopper need not be asked, or was asked by the host. A *no* that was given to
   * `setConsent` holds nevertheless.
   */
  consent?: 'required' | 'given';
  /** Key of a price list of the shop whose prices are shown; the standard prices without it. */
  priceList?: string;
  /**
   * BCP 47 tag of the language of what the engine says, such as reasons: English (`"en"`, the default),
   * Chinese (`"zh"`) or German (`"de"`). No request tells which.
   */
  language?: string;
  /**
   * Address of `worker.js`, where it is not beside `index.js`. It has to be of the page's own
   * origin: browsers start no worker from another.
   */
  worker?: URL | string;
}

/** A variant of a {@link Card}: one size, colour or maker. */
export interface Variant {
  /** The shop's own identifier. */
  sku: string;
  /** Words that tell it from the card's other variants. */
  label: string;
  /** What a piece costs now, in minor units; absent where it has no price. */
  price?: number;
  /** Whether it can be bought now. */
  available: boolean;
}

/** A product as it is shown, with all its variants. */
export interface Card {
  /**
   * Number of the card, the same at every visit as long as its title and brand are; what the
   * other calls take. It says nothing outside of Vitrine: in the shop's own addresses use `sku`.
   */
  id: number;
  /** Identifier of its usual variant; absent for a search result that is not on the device yet. */
  sku?: string;
  /** Readable title. It is text, not HTML. */
  title: string;
  brand?: string;
  department?: string;
  category?: string;
  /** Lowest price of the variants in stock, in minor units (cents); absent without a price. */
  price?: number;
  /** ISO 4217 code of `price`. */
  currency: string;
  /** Whether other variants cost more: then say "from". */
  fromPrice: boolean;
  /** Address of its page in the shop, as the feed has it. */
  link?: string;
  /**
   * What an `<img>` takes: a `blob:` address, which holds as long as this Vitrine is open, or a
   * `data:` address. It is on the device: showing it sends nothing. Absent while it is not there.
   */
  picture?: string;
  /** Whether any variant can be bought now. */
  available: boolean;
  /** Mean of its ratings, 1 to 5. */
  rating?: number;
  /** Why it is shown here, in English: "On offer", "Often bought together". */
  reasons?: string[];
  /** The published variants, the most bought first. */
  variants: Variant[];
}

/** What {@link Vitrine.feed} gives. */
export interface Feed {
  /** Best first. */
  cards: Card[];
  /** `"popular"` where nothing is recorded of the shopper, or the shop has no model. */
  order: 'personal' | 'popular';
}

/** Conditions of a search. Empty lists do not restrict. */
export interface Filters {
  /** Any of these departments, as {@link Facets} names them. */
  departments?: string[];
  /** Any of these categories. */
  categories?: string[];
  /** Any of these brands. */
  brands?: string[];
  /** None of these brands. */
  brandsExcluded?: string[];
  /** At least this standard price, in minor units. */
  priceMin?: number;
  /** At most this standard price, in minor units. */
  priceMax?: number;
  /** Leave out what cannot be bought now. */
  availableOnly?: boolean;
  /** Leave out what has fewer stars on average, 1 to 5, and what nobody rated. */
  starsMin?: number;
  /** Leave out what says that it has one of these ("peanut", "gluten"). */
  freeOf?: string[];
}

/** What results are ordered by; `"relevance"` is personal where that is possible. */
export type Order = 'relevance' | 'price_ascending' | 'price_descending' | 'popularity' | 'newest' | 'rating';

/** A value to filter by, and how many products choosing it gives. */
export interface Facet {
  name: string;
  count: number;
}

/** A range of standard prices in minor units; without a bound it is open. */
export interface PriceRange {
  min?: number;
  max?: number;
  count: number;
}

/** What filters would leave. All of it is empty on pages after the first. */
export interface Facets {
  departments: Facet[];
  categories: Facet[];
  brands: Facet[];
  prices: PriceRange[];
  /** Products that can be bought now. */
  available: number;
}

/** What {@link Vitrine.search} gives. */
export interface SearchResult {
  /** Best first. */
  cards: Card[];
  /** How many products match in all; pages end at the thousandth. */
  total: number;
  facets: Facets;
  /**
   * What could not be met, which words were taken for others, and how far results say that they
   * are free of what was excluded: English sentences. Show them: who searches for "peanut free"
   * relies on them.
   */
  notes: string[];
  /** Whether the device has answered from what it has, because the server did not. */
  offline: boolean;
}

/** One way to go on with what is typed. */
export interface Suggestion {
  /** `"recent"` is an earlier search of this device, kept with consent alone. */
  kind: 'recent' | 'query' | 'category' | 'department' | 'product';
  /** What it says: words, or the name of a category, department or product. */
  text: string;
  /** Products that it stands for; absent for an earlier search. */
  count?: number;
  /** Number of the card of a product. */
  id?: number;
  /** A product's small picture, as {@link Card} has a larger one. */
  picture?: string;
}

/**
 * What names a product: the number of its card, or an object with that, or with the shop's own
 * identifier of any of its variants, as its feed has it: `{ sku: 'A-1042' }`. A {@link Card} names
 * itself.
 */
export type ProductName = number | { id: number } | { sku: string };

/** Something that the shopper did. */
export interface ShopEvent {
  type: 'view_item' | 'add_to_cart' | 'remove_from_cart' | 'purchase' | 'not_interested';
  /** Number of a card. Give this, `sku`, or both: then `sku` says which variant. */
  id?: number;
  /** The shop's own identifier of a variant, as its feed has it. */
  sku?: string;
  /**
   * Pieces, from 1. Without it one, and for `remove_from_cart` all. It does not count for
   * `view_item` and `not_interested`.
   */
  quantity?: number;
}

/** A request that was sent to the Vitrine server. */
export interface SentRequest {
  method: 'GET' | 'POST';
  /** Absolute path at the server. */
  path: string;
  purpose: 'manifest' | 'shard' | 'picture' | 'search' | 'ask_model';
  /** When, in milliseconds since 1970-01-01 UTC. */
  at: number;
  /** Size of its body in bytes. */
  bytesSent: number;
  /** Size of the answer's body in bytes. */
  bytesReceived: number;
  /** HTTP status; `null` where no answer came. */
  status: number | null;
  /** Its body, of requests of this visit. */
  body: string | null;
}

/** What the device has of the shopper. */
export interface Profile {
  /** What it has learned, in English sentences: "You often buy Bananas." */
  lines: string[];
  /** How many events are recorded. */
  recorded: number;
  /** Every request that was sent, oldest first. */
  ledger: SentRequest[];
}

/** Why something was drawn that may have to be drawn anew. */
export interface Change {
  /**
   * `"sync"`: more of the catalogue is here, or it has changed. `"event"`: `record` was called (without
   * consent nothing of it is kept).
   * `"consent"`, `"erase"`: those calls are done. `"tab"`: another tab has done any of these.
   */
  reason: 'sync' | 'event' | 'consent' | 'erase' | 'tab';
}

/**
 * What went wrong. New codes may come.
 *
 * - `bad_request`: an argument that the call does not take, or a search that the server refuses.
 * - `closed`: {@link Vitrine.close} was called.
 * - `internal`: a fault of Vitrine; load the page again, and report it.
 * - `no_worker`: not in a browser, as while a page is rendered on a server.
 * - `not_synced`: the catalogue is not on the device yet.
 * - `origin_refused`: the server does not allow the page's origin.
 * - `other_version`: the server is of another release than this package.
 * - `policy_refused`: a Content-Security-Policy forbids requests to the server.
 * - `server_error`: the server answered that it cannot.
 * - `server_unreachable`: no answer came.
 * - `storage`: the device's storage refused.
 * - `unknown_product`: no product has this id or sku.
 * - `worker_failed`: the worker or its WebAssembly could not be loaded.
 */
export type ErrorCode =
  | 'bad_request'
  | 'closed'
  | 'internal'
  | 'no_worker'
  | 'not_synced'
  | 'origin_refused'
  | 'other_version'
  | 'policy_refused'
  | 'server_error'
  | 'server_unreachable'
  | 'storage'
  | 'unknown_product'
  | 'worker_failed';

/** Every error of this package. The message says what to do next; only `code` is stable. */
export class VitrineError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string);
}

/**
 * Starts Vitrine; resolves once a feed can be shown. Later visits show at once what the device
 * has, also without a server, and sync behind it. Call it once a page.
 *
 * @throws VitrineError `bad_request`, `no_worker`, `worker_failed`, `server_unreachable`,
 * `origin_refused`, `policy_refused`, `other_version`, `server_error`
 */
export function init(options: InitOptions): Promise<Vitrine>;

/** A started Vitrine. Every promise may reject with a {@link VitrineError}. */
export interface Vitrine {
  /**
   * Records on this device what the shopper did; sends nothing. Without consent it does nothing.
   * What the host's own basket says is believed: whether it can be bought is not asked.
   *
   * @throws VitrineError `unknown_product`, after the rest of a sync that is under way
   */
  record(event: ShopEvent): Promise<void>;

  /**
   * The feed: what is on the device, ranked there for this shopper. Left out is what cannot be
   * bought, what is in the basket by the recorded events, what the shopper is not interested in,
   * and what the shop never recommends unasked. `limit` is 24 unless given, at most 500.
   */
  feed(options?: { limit?: number }): Promise<Feed>;

  /**
   * Asks the server with these words, filters, page and order alone; the device orders the page
   * of results for this shopper. What this tab was answered lately is not asked again. Where the
   * server does not answer, the device searches what it has, and `offline` is true.
   *
   * `page` counts from 1; `limit` is 24 unless given, at most 200.
   */
  search(
    query: string,
    options?: { filters?: Filters; page?: number; limit?: number; order?: Order },
  ): Promise<SearchResult>;

  /** What an unfinished search may become; sends nothing. `limit` is 8 unless given, at most 20. */
  suggest(text: string, options?: { limit?: number }): Promise<Suggestion[]>;

  /**
   * What enough buyers put into one basket with a card, and what stands for it; sends nothing.
   * `limit` is 24 unless given, at most 50.
   *
   * @throws VitrineError `unknown_product`, after the rest of a sync that is under way
   */
  related(product: ProductName, options?: { limit?: number }): Promise<Card[]>;

  /**
   * Why a card stands where it does, in English sentences; sends nothing. At least one.
   *
   * @throws VitrineError `unknown_product`, after the rest of a sync that is under way
   */
  why(product: ProductName): Promise<string[]>;

  /** What this device has of the shopper. */
  profile(): Promise<Profile>;

  /**
   * The shopper's answer, kept on the device and valid in all tabs at once. `false` stops
   * recording and the use of what was recorded; {@link Vitrine.erase} deletes that.
   */
  setConsent(granted: boolean): Promise<void>;

  /** `"given"` also where `init` was told that nobody has to be asked. */
  consent(): Promise<'given' | 'refused' | 'unanswered'>;

  /** Everything that is recorded of the shopper, as a JSON document for them to keep. */
  export(): Promise<string>;

  /** Forgets the shopper in all tabs: events, searches, requests. The catalogue stays. */
  erase(): Promise<void>;

  /**
   * Resolves when the sync that is under way has ended: then the whole catalogue is on the
   * device, unless an `error` event has said otherwise.
   */
  synced(): Promise<void>;

  /**
   * Calls `listener` from now on; returns what takes it off again. `change`: ask again for what
   * is shown. `error`: a sync in the background failed, and the device goes on with what it has;
   * the same failure is told once.
   */
  on(type: 'change', listener: (change: Change) => void): () => void;
  on(type: 'error', listener: (error: VitrineError) => void): () => void;

  /** Ends the worker; addresses of pictures end with it. Further calls reject with `closed`. */
  close(): void;
}
