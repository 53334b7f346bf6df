/** What the value of a scheme has to look like, and what is wrong with one that does not. Nothing of a value is ever told. */

import type { SecurityScheme } from '../../generated/contract.js';
import { readAwsKeys } from './aws-scope.js';
import { readClientCertificate } from './client-certificate.js';
import type { Secret } from './secret.js';

/** For the remedy: "set <variable> to …". */
export const FORMS = {
  key: 'its key',
  basic: '"user:password"',
  token: 'a bearer token',
  client: '"id:secret" of an oauth client, or to a bearer token',
  aws: '"accessKeyId:secretAccessKey", with ":sessionToken" behind it if there is one',
  certificate: 'a client certificate and its private key, in PEM',
} as const;

export function formOf(scheme: SecurityScheme): keyof typeof FORMS {
  if (scheme.type === 'awsSigV4') return 'aws';
  if (scheme.type === 'mutualTLS') return 'certificate';
  if (scheme.type === 'openIdConnect') return 'client';
  if (scheme.type === 'oauth2') return scheme.tokenUrl === undefined ? 'token' : 'client';
  if (isLogin(scheme)) return 'basic';
  return scheme.type === 'http' && scheme.scheme === 'bearer' ? 'token' : 'key';
}

/** Whether the value is a user's name and a password. */
export function isLogin(scheme: SecurityScheme): boolean {
  return scheme.type === 'http' && (scheme.scheme === 'basic' || scheme.scheme === 'digest');
}

export interface ValueFault {
  /** Of the value, to be read after "it". */
  readonly fault: string;
  /** Of the operator, to be read after "the operator can". */
  readonly remedy: string;
}

/** Why no call could be made with this value. Undefined where one could, as far as the value says. */
export function faultOfValue(scheme: SecurityScheme, variable: string, key: Secret): ValueFault | undefined {
  const remedy = `set ${variable} to ${FORMS[formOf(scheme)]}`;
  const value = key.reveal();
  if (scheme.type === 'mutualTLS') {
    // No part of it stands in a request.
    const certificate = readClientCertificate(key);
    if (typeof certificate !== 'string') return undefined;
    return { fault: `is no client certificate that can be used: ${certificate}`, remedy: `${remedy}: ${certificate}` };
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is being refused
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    return { fault: 'has control characters in it', remedy: `take the control characters out of ${variable}` };
  }
  if (standsAsItIs(scheme, value) && !/^[ -~]*$/.test(value)) {
    return {
      fault: 'is not ASCII, and no header can hold it',
      remedy: `take the characters out of ${variable} that no header can hold: it is not ASCII`,
    };
  }
  const fault = faultOfForm(scheme, value);
  return fault === undefined ? undefined : { fault, remedy };
}

function faultOfForm(scheme: SecurityScheme, value: string): string | undefined {
  switch (formOf(scheme)) {
    case 'basic':
      // Some take a key for the user or for the password, and nothing for the other.
      if (!value.includes(':')) return 'is malformed: "user:password" has a colon in it';
      return value === ':' ? 'is malformed: "user:password" has both of them empty' : undefined;
    case 'aws':
      return readAwsKeys(value) === undefined
        ? 'is malformed: it is neither "accessKeyId:secretAccessKey" nor "accessKeyId:secretAccessKey:sessionToken"'
        : undefined;
    case 'client':
      return /^:|^[^:]*:$/.test(value) ? 'is malformed: one part of "id:secret" is empty' : undefined;
    case 'token':
      return scheme.type === 'oauth2' && value.includes(':')
        ? 'is malformed: it has a colon, and the document has no token url for "id:secret", but takes a bearer token'
        : undefined;
    case 'certificate':
    case 'key':
      return undefined;
  }
}

/** Whether the value goes into a header or a cookie without being encoded. */
function standsAsItIs(scheme: SecurityScheme, value: string): boolean {
  if (scheme.type === 'apiKey') return scheme.in !== 'query';
  if (scheme.type === 'awsSigV4') return true;
  return scheme.type === 'http' ? !isLogin(scheme) : !value.includes(':');
}
