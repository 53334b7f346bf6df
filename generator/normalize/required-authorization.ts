/**
 * Documents that ask for their credential as a required header parameter `Authorization`. The specification has such a
 * parameter ignored (OpenAPI 3.1 section 4.8.12.2), and an argument it must not be, since agents hold no credentials. It
 * is a scheme that the operator may give a value to: with one the header is sent, without one the request goes out as the
 * rest of the document says.
 */

import type { SecurityAlternative, SecurityScheme } from '../contract.js';
import type { SecuritySchemes } from './read-security.js';

const SCHEME: SecurityScheme = { type: 'apiKey', in: 'header', name: 'Authorization' };

/** The document's schemes, and one for the header where none of them is sent in it. */
export function withAuthorizationScheme(schemes: SecuritySchemes): SecuritySchemes {
  return authorizationScheme(schemes) === undefined ? { ...schemes, [freeName(schemes)]: SCHEME } : schemes;
}

/** Each alternative that leaves the header empty, first with the scheme that fills it and then as it is. */
export function withAuthorization(
  security: readonly SecurityAlternative[],
  schemes: SecuritySchemes,
): readonly SecurityAlternative[] {
  const name = authorizationScheme(schemes);
  if (name === undefined) return security;
  return (security.length === 0 ? [{}] : security).flatMap((alternative) => {
    const isFilled = Object.keys(alternative).some((each) => !isOther(schemes[each]));
    return isFilled ? [alternative] : [{ ...alternative, [name]: [] }, alternative];
  });
}

function authorizationScheme(schemes: SecuritySchemes): string | undefined {
  return Object.keys(schemes).find((name) => !isOther(schemes[name]));
}

/** Whether a scheme is sent elsewhere than in the header `Authorization`. */
function isOther(scheme: SecurityScheme | undefined): boolean {
  if (scheme === undefined || scheme.type === 'mutualTLS') return true;
  return scheme.type === 'apiKey' && (scheme.in !== 'header' || scheme.name.toLowerCase() !== 'authorization');
}

function freeName(schemes: SecuritySchemes): string {
  let name = 'authorization';
  while (Object.hasOwn(schemes, name)) name += '_header';
  return name;
}
