import type { Order, Vitrine } from '@vitrine/core';

/** How InstantSearch asks Vitrine. */
export interface ClientOptions {
  /** Which order each index name stands for, for `sortBy`; without it every name means `relevance`. */
  indices?: Record<string, Order>;
  /** ISO 4217 code of the shop's prices, from which their digits after the point follow; default "EUR". */
  currency?: string;
  /** Told once of each parameter that has no effect; default: a warning on the console. */
  onIgnored?: (name: string) => void;
}

/** A request of InstantSearch. */
export interface SearchRequest {
  indexName: string;
  params?: Record<string, unknown>;
}

/** The part of the client of `algoliasearch` that InstantSearch uses. */
export interface SearchClient {
  search(requests: SearchRequest[]): Promise<{ results: any[] }>;
  searchForFacetValues(requests: SearchRequest[]): Promise<any[]>;
}

/** What InstantSearch takes as `searchClient`. */
export function searchClient(shop: Vitrine | Promise<Vitrine>, options?: ClientOptions): SearchClient;

/** What a front end asks for and Vitrine cannot do. */
export class InstantSearchError extends Error {
  readonly code: 'unsupported_parameter' | 'unsupported_facet' | 'unknown_index';
}
