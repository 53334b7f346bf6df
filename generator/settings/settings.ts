/**
 * The shape of `provider.yaml`, and of `x-tollgate` at the root of a document: what a maintainer may say about a
 * provider. Everything is optional. `check-settings.ts` is what makes sure that a value has this shape.
 */

import type { CredentialSource, Limits, Price } from '../contract.js';

/** Conditions that must all hold; each is a value or a list of which one must fit. `path` is a glob. */
export interface OperationMatch {
  readonly operationId?: string | readonly string[];
  readonly tag?: string | readonly string[];
  readonly method?: string | readonly string[];
  readonly path?: string | readonly string[];
}

export interface PricingRule {
  readonly match: OperationMatch;
  readonly price: Price;
}

export interface Pricing {
  readonly default?: Price;
  /** The first rule that matches an operation wins. */
  readonly rules?: readonly PricingRule[];
}

/** The contract's `ChargingRule`, as it is written in YAML. */
export interface ChargeSettings {
  /** `2xx`, or one status such as `201`. */
  readonly on?: readonly (string | number)[];
  /** JMESPath over the answer's body. */
  readonly void_if?: string;
}

export interface Settings {
  readonly title?: string;
  readonly summary?: string;
  readonly categories?: readonly string[];
  readonly server?: string;
  readonly documentation?: string;
  readonly credentials?: Readonly<Record<string, CredentialSource>>;
  readonly seller?: { readonly id: string; readonly name?: string };
  readonly pricing?: Pricing;
  readonly charge?: ChargeSettings;
  readonly operations?: { readonly include?: readonly OperationMatch[]; readonly exclude?: readonly OperationMatch[] };
  readonly arguments?: { readonly fixed?: Readonly<Record<string, unknown>>; readonly hidden?: readonly string[] };
  readonly limits?: Partial<Limits>;
}

/** `x-tollgate` on one operation. */
export interface OperationSettings {
  readonly price?: Price;
  readonly charge?: ChargeSettings;
  readonly title?: string;
  readonly summary?: string;
  readonly exclude?: boolean;
}
