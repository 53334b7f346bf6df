/** All that an agent needs to call one endpoint, and to decide whether it should. */

import type { JsonSchema } from '../../generated/contract.js';
import type { SellerRating } from '../account/ratings.js';
import { describeChargingRule } from '../call/charging-rule.js';
import type { LoadedEndpoint } from '../catalogue/catalogue.js';
import { selfContainedSchema } from '../catalogue/self-contained-schema.js';
import type { Observed } from '../ledger/ledger.js';
import { boundedSchema } from './bounded-schema.js';
import { wirePrice, type WirePrice } from './wire-price.js';

export interface EndpointDescription {
  readonly endpoint: string;
  readonly title: string;
  readonly description: string;
  readonly provider: string;
  readonly method: string;
  readonly path: string;
  /** JSON Schema 2020-12, self-contained. */
  readonly arguments: JsonSchema;
  readonly example: Readonly<Record<string, unknown>>;
  readonly response?: { readonly status: string; readonly content_type?: string; readonly schema?: JsonSchema };
  readonly price: WirePrice;
  readonly charged_when: string;
  readonly observed: {
    readonly calls: number;
    readonly success_rate: number | null;
    readonly p50_ms: number | null;
    readonly p95_ms: number | null;
  };
  readonly rating: SellerRating | null;
  readonly deprecated?: true;
  /** What the operator has to do before this endpoint can be called. */
  readonly unavailable?: string;
}

const MAX_RESPONSE_SCHEMA_CHARACTERS = 16_000;

export function describe(
  { descriptor, provider, definitions }: LoadedEndpoint,
  known: { readonly observed: Observed; readonly rating?: SellerRating; readonly unavailable?: string },
): EndpointDescription {
  const success = descriptor.responses.find((response) => response.schema !== undefined) ?? descriptor.responses[0];
  const { observed } = known;
  const isKnown = observed.calls > 0;
  return {
    endpoint: descriptor.id,
    title: descriptor.title,
    description: descriptor.description || descriptor.summary,
    provider: provider.title,
    method: descriptor.method,
    path: descriptor.path,
    arguments: selfContainedSchema(descriptor.arguments, definitions),
    example: descriptor.example,
    ...(success === undefined
      ? {}
      : {
          response: {
            status: success.status,
            ...(success.contentType === undefined ? {} : { content_type: success.contentType }),
            ...(success.schema === undefined
              ? {}
              : { schema: boundedSchema(success.schema, definitions, MAX_RESPONSE_SCHEMA_CHARACTERS) }),
          },
        }),
    price: wirePrice(descriptor.price),
    charged_when: describeChargingRule(descriptor.charge),
    observed: {
      calls: observed.calls,
      success_rate: isKnown ? observed.successRate : null,
      p50_ms: isKnown ? observed.p50Ms : null,
      p95_ms: isKnown ? observed.p95Ms : null,
    },
    rating: known.rating ?? null,
    ...(descriptor.deprecated === true ? { deprecated: true as const } : {}),
    ...(known.unavailable === undefined ? {} : { unavailable: known.unavailable }),
  };
}
