/**
 * Documents that ask for their credential as a required header parameter: `Authorization`, which the specification has
 * ignored as a parameter (OpenAPI 3.1 section 4.8.12.2), or `Cookie`. An argument it must not be, since agents hold no
 * credentials. It is a scheme that the operator may give a value to: with one the header is sent, without one the request
 * goes out as the rest of the document says.
 */

import type { SecurityAlternative, SecurityScheme } from '../contract.js';
import type { SecuritySchemes } from './read-security.js';

/** In lower case: as a name it stands for the scheme too. */
export type CredentialHeader = 'authorization' | 'cookie';

export const CREDENTIAL_HEADERS: readonly CredentialHeader[] = ['authorization', 'cookie'];

/** The document's schemes, and one for the header where none of them is sent in it. */
export function withHeaderScheme(schemes: SecuritySchemes, header: CredentialHeader): SecuritySchemes {
  return schemeIn(header, schemes) === undefined
    ? { ...schemes, [freeName(schemes, header)]: SCHEMES[header] }
    : schemes;
}

/** Each alternative that leaves the header empty, first with the scheme that fills it and then as it is. */
export function withHeaderCredential(
  security: readonly SecurityAlternative[],
  schemes: SecuritySchemes,
  header: CredentialHeader,
): readonly SecurityAlternative[] {
  const name = schemeIn(header, schemes);
  if (name === undefined) return security;
  return (security.length === 0 ? [{}] : security).flatMap((alternative) => {
    const isFilled = Object.keys(alternative).some((each) => fills(schemes[each], header));
    return isFilled ? [alternative] : [{ ...alternative, [name]: [] }, alternative];
  });
}

const SCHEMES: Readonly<Record<CredentialHeader, SecurityScheme>> = {
  authorization: { type: 'apiKey', in: 'header', name: 'Authorization' },
  cookie: { type: 'apiKey', in: 'header', name: 'Cookie' },
};

function schemeIn(header: CredentialHeader, schemes: SecuritySchemes): string | undefined {
  return Object.keys(schemes).find((name) => fills(schemes[name], header));
}

/** Whether the scheme is sent in the header. */
function fills(scheme: SecurityScheme | undefined, header: CredentialHeader): boolean {
  if (scheme === undefined || scheme.type === 'mutualTLS') return false;
  if (scheme.type !== 'apiKey') return header === 'authorization';
  if (scheme.in === 'cookie') return header === 'cookie';
  return scheme.in === 'header' && scheme.name.toLowerCase() === header;
}

function freeName(schemes: SecuritySchemes, header: CredentialHeader): string {
  let name: string = header;
  while (Object.hasOwn(schemes, name)) name += '_header';
  return name;
}
