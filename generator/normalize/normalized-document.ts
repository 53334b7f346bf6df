/**
 * The one normal form of every OpenAPI document, whatever its version: what `normalize` returns, and what the later
 * stages (settings, price, index, emit) read. It knows nothing of Tollgate's prices or of provider.yaml.
 */

import type { EndpointDescriptor, JsonSchema, SecurityScheme } from '../contract.js';

export interface NormalizedOperation extends Omit<EndpointDescriptor, 'id' | 'price' | 'charge'> {
  /** The endpoint id's second half: unique in its provider, stable, `[a-z0-9._-]`, at most 128 characters. */
  readonly operation: string;
  /** As in the document, where it has one. */
  readonly operationId?: string;
  /** JSON pointer to the Operation Object in the document as it was read (Swagger 2.0 or OpenAPI 3.x). */
  readonly pointer: string;
  /** The operation's own `x-tollgate`, unread. */
  readonly extension?: unknown;
}

export interface NormalizedDocument {
  readonly title: string;
  /** One sentence. */
  readonly summary: string;
  readonly version: string;
  readonly documentation?: string;
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  readonly operations: readonly NormalizedOperation[];
  /** The root's own `x-tollgate`, unread. */
  readonly extension?: unknown;
}
