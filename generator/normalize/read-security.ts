/**
 * Security Scheme and Security Requirement Objects (OpenAPI 3.1 sections 4.8.27 and 4.8.30). Alternatives keep their
 * order, `{}` stays as the alternative that needs nothing.
 */

import type { SecurityAlternative, SecurityScheme } from '../contract.js';
import { escapeToken } from '../load/json-pointer.js';
import { HTTP_TOKEN } from './http-token.js';
import { arrayOr, isObject, objectOr, own, setOwn, textOr, type JsonObject } from './json-value.js';
import type { References } from './references.js';
import type { Reporter } from './reporter.js';

/** Headers by which a request is delivered. A credential in one of them would misdirect it, or break it. */
const DELIVERY = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export type SecuritySchemes = Readonly<Record<string, SecurityScheme>>;

/**
 * @param info the document's, which may name the service that AWS signs for
 * @param base absolute URL that a relative token URL is joined with, where one is known
 */
export function readSecuritySchemes(
  schemes: unknown,
  info: JsonObject,
  base: string | undefined,
  references: References,
  reporter: Reporter,
): SecuritySchemes {
  const read: Record<string, SecurityScheme> = {};
  for (const [name, given] of Object.entries(objectOr(schemes))) {
    const pointer = `/components/securitySchemes/${escapeToken(name)}`;
    const scheme = readScheme(objectOr(references.follow(given, pointer)?.value), info, base);
    if (typeof scheme === 'string') {
      reporter.warning(
        pointer,
        'unknown-security',
        `the security scheme ${JSON.stringify(name)} ${scheme}`,
        'correct it',
      );
    } else {
      setOwn(read, name, scheme);
    }
  }
  return read;
}

/** The scheme, or what is wrong with it. */
function readScheme(scheme: JsonObject, info: JsonObject, base: string | undefined): SecurityScheme | string {
  const type = String(scheme['type']).trim();
  if (isAwsSignature(scheme)) {
    const service = textOr(info['x-aws-signingName']);
    return { type: 'awsSigV4', ...(service !== undefined && SERVICE.test(service) ? { service } : {}) };
  }
  switch (type.toLowerCase()) {
    case 'apikey': {
      const name = textOr(scheme['name']);
      const place = String(scheme['in']).toLowerCase();
      if (name === undefined) return 'names no parameter';
      if (place !== 'header' && place !== 'query' && place !== 'cookie') return `stands in ${place}`;
      if (place !== 'query' && (!HTTP_TOKEN.test(name) || DELIVERY.has(name.toLowerCase()))) {
        return `cannot be sent in a ${place} of the name ${JSON.stringify(name)}`;
      }
      return { type: 'apiKey', in: place, name };
    }
    case 'http': {
      const name = (textOr(scheme['scheme']) ?? 'bearer').toLowerCase();
      return HTTP_TOKEN.test(name) ? { type: 'http', scheme: name } : `has the unusable scheme ${JSON.stringify(name)}`;
    }
    case 'basic':
      return { type: 'http', scheme: 'basic' };
    case 'bearer':
      return { type: 'http', scheme: 'bearer' };
    case 'oauth2':
      return readOAuth2(objectOr(scheme['flows']), base);
    case 'openidconnect': {
      const url = absoluteUrl(scheme['openIdConnectUrl'], base);
      return url === undefined ? 'has no absolute openIdConnectUrl' : { type: 'openIdConnect', url };
    }
    case 'mutualtls':
      return { type: 'mutualTLS' };
    default:
      return `is of the unknown type ${JSON.stringify(type)}`;
  }
}

/** What AWS's services sign for: a part of the scope of a signature, between slashes. */
const SERVICE = /^[a-z0-9_-]{1,60}$/i;

/** OpenAPI has no type for AWS Signature Version 4; these are the ways in which API Gateway and others say it. */
function isAwsSignature(scheme: JsonObject): boolean {
  const said = [scheme['x-amazon-apigateway-authtype'], scheme['scheme']].map((value) => String(value).toLowerCase());
  return said[0] === 'awssigv4' || said[1] === 'aws4-hmac-sha256';
}

/** The client-credentials flow is the one that needs no person; for any other the operator supplies a token. */
function readOAuth2(flows: JsonObject, base: string | undefined): SecurityScheme {
  const flow = own(flows, 'clientCredentials');
  if (!isObject(flow)) return { type: 'oauth2' };
  const tokenUrl = absoluteUrl(flow['tokenUrl'], base);
  const scopes = Object.keys(objectOr(flow['scopes']));
  return {
    type: 'oauth2',
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    ...(tokenUrl === undefined || scopes.length === 0 ? {} : { scopes }),
  };
}

function absoluteUrl(value: unknown, base: string | undefined): string | undefined {
  const text = textOr(value);
  if (text === undefined || !URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

/**
 * The operation's requirements, else the document's. One that names an unknown scheme is kept: nobody can satisfy it, so
 * the endpoint is unavailable, where without it the endpoint would pass for a public one.
 */
export function readSecurity(
  requirements: unknown,
  schemes: SecuritySchemes,
  pointer: string,
  reporter: Reporter,
): readonly SecurityAlternative[] {
  const alternatives: SecurityAlternative[] = [];
  for (const given of arrayOr(requirements)) {
    if (!isObject(given)) continue;
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(schemes, name));
    if (unknown !== undefined) {
      const message = `requires the security scheme ${JSON.stringify(unknown)}, which is not described`;
      reporter.warning(pointer, 'unknown-security', message, 'describe it under components.securitySchemes');
    }
    const alternative: Record<string, readonly string[]> = {};
    for (const [name, scopes] of Object.entries(given)) {
      setOwn(
        alternative,
        name,
        arrayOr(scopes).filter((scope): scope is string => typeof scope === 'string'),
      );
    }
    alternatives.push(alternative);
  }
  return alternatives;
}
