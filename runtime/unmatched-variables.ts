/**
 * Finds what the operator's environment says of a provider or a security scheme that the catalogue does not have: most
 * likely a misspelt one, which nothing would read and nobody would be told of. What there is depends on the catalogue,
 * and a gateway may get another one while it runs, so that this is no fault that could stop a start.
 *
 * It looks at the names of variables alone, never at the value of a credential.
 */

import type { CatalogueProvider } from '../generated/contract.js';
import { ownersOf } from './credential/is-own-variable.js';
import { nearestName } from './nearest-name.js';
import { CREDENTIAL_PREFIX, credentialVariable, UPSTREAM_PREFIX, variablePart } from './provider-variable.js';

/** What is set for single providers, as `config.ts` reads it. */
export interface ProviderVariables {
  /** Names that begin with `TOLLGATE_CREDENTIAL_`. */
  readonly credentialVariables: readonly string[];
  /** Names that begin with `TOLLGATE_UPSTREAM_`. */
  readonly upstreamVariables: readonly string[];
  /** The items of `TOLLGATE_ALLOW_PRIVATE_UPSTREAMS`. */
  readonly privateUpstreams: readonly string[];
}

/** Somebody has to read the line. */
const MOST_LISTED = 4;

/** For each of them a line for the operator: the name, and what was most likely meant. */
export function unmatchedVariables(
  { credentialVariables, upstreamVariables, privateUpstreams }: ProviderVariables,
  providers: ReadonlyMap<string, CatalogueProvider>,
): readonly string[] {
  return [
    ...unmatchedCredentials(credentialVariables, providers),
    ...unmatchedUpstreams(upstreamVariables, providers),
    ...privateUpstreams
      .filter((id) => id !== '*' && !providers.has(id))
      .map(
        (id) =>
          `TOLLGATE_ALLOW_PRIVATE_UPSTREAMS names "${id}": ${didYouMean(quoted(nearestName(id, providers.keys())))}`,
      ),
  ];
}

function unmatchedUpstreams(
  names: readonly string[],
  providers: ReadonlyMap<string, CatalogueProvider>,
): readonly string[] {
  const parts = ownersOf(providers);
  return names
    .map((name) => ({ name, part: name.slice(UPSTREAM_PREFIX.length) }))
    .filter(({ part }) => !parts.has(part))
    .map(({ name, part }) => unread(name, didYouMean(nearestName(part, parts), UPSTREAM_PREFIX)));
}

function unmatchedCredentials(
  names: readonly string[],
  providers: ReadonlyMap<string, CatalogueProvider>,
): readonly string[] {
  if (names.length === 0) return [];
  const set = new Set(names);
  const byProvider = new Map(
    [...providers.values()].map((provider) => [variablePart(provider.id), variablesOf(provider)]),
  );
  const known = new Set([...byProvider.values()].flat());
  return names.flatMap((name) => {
    if (known.has(name)) return [];
    const [, base = name, suffix] = /^(.*)_([1-9]\d*|FILE)$/.exec(name) ?? [];
    if (!known.has(base)) return unread(name, credentialRemedy(base, suffix, byProvider, known));
    const before = suffix === 'FILE' || suffix === '1' ? base : `${base}_${Number(suffix) - 1}`;
    if (before === base || set.has(before)) return [];
    return unread(name, `${before} is not set, and keys are numbered from 1 on without a gap`);
  });
}

/** The variables of its schemes that something may read. */
function variablesOf({ id, access }: CatalogueProvider): readonly string[] {
  if (access === undefined) return [];
  return [
    ...Object.keys(access.securitySchemes).map((scheme) => credentialVariable(id, scheme)),
    ...Object.values(access.credentials).map(({ env }) => env),
  ];
}

/** A name that begins with a provider's is compared with that provider's alone, and else with all that there are. */
function credentialRemedy(
  base: string,
  suffix: string | undefined,
  byProvider: ReadonlyMap<string, readonly string[]>,
  known: ReadonlySet<string>,
): string {
  const own = ownVariables(base, byProvider);
  if (own?.length === 0) return 'that provider needs no credential';
  const meant = nearestOf(base, own ?? known);
  if (meant !== undefined || own === undefined) {
    return didYouMean(meant === undefined || suffix === undefined ? meant : `${meant}_${suffix}`, CREDENTIAL_PREFIX);
  }
  return `that provider's are ${own.slice(0, MOST_LISTED).join(', ')}${own.length > MOST_LISTED ? ', …' : ''}`;
}

/** Those of the provider with the longest id that the name begins with. */
function ownVariables(base: string, byProvider: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const words = base.slice(CREDENTIAL_PREFIX.length).split('_');
  for (let count = words.length - 1; count > 0; count -= 1) {
    const own = byProvider.get(words.slice(0, count).join('_'));
    if (own !== undefined) return own;
  }
  return undefined;
}

/** What all of them begin with would make any two of them alike. */
function nearestOf(name: string, variables: Iterable<string>): string | undefined {
  const parts = [...variables]
    .filter((variable) => variable.startsWith(CREDENTIAL_PREFIX))
    .map((variable) => variable.slice(CREDENTIAL_PREFIX.length));
  return nearestName(name.slice(CREDENTIAL_PREFIX.length), parts);
}

function didYouMean(meant: string | undefined, prefix = ''): string {
  return meant === undefined ? 'the catalogue has no provider that this could be' : `did you mean ${prefix}${meant}?`;
}

function quoted(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `"${name}"`;
}

function unread(name: string, rest: string): string {
  return `nothing reads the variable ${name}: ${rest}`;
}
