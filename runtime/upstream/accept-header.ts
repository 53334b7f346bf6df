import type { ResponseDescriptor } from '../../generated/contract.js';
import { isConcrete, isJson } from './media-type.js';

/**
 * The `Accept` header: the types of the successful answers, JSON before the others, since agents read it best. Anything
 * else is accepted last, because errors often come in a type that no document names, and a 406 would hide them.
 */
export function acceptHeader(responses: readonly ResponseDescriptor[]): string {
  const types = responses
    .filter(({ status }) => /^2|^default$/i.test(status))
    .flatMap(({ contentType }) => (contentType !== undefined && isConcrete(contentType) ? [contentType] : []));
  const distinct = [...new Set(types)];
  const preferred = distinct.some(isJson) ? distinct.filter(isJson) : distinct;
  const others = distinct.filter((type) => !preferred.includes(type)).map((type) => `${type};q=0.5`);
  return preferred.length === 0 ? '*/*' : [...preferred, ...others, '*/*;q=0.1'].join(', ');
}
