/**
 * What a mock refuses because the document contradicts itself: arguments that one part of it allows and no request can
 * say by another. The call is named, and counts neither as accepted nor as refused. A rule holds for every document
 * alike: none names one.
 */

import { valueAt } from './form-fields.js';
import type { Violation } from './judge-exchange.js';
import { isObject, resolved, type JsonObject } from './openapi-document.js';
import type { Refusal } from './prism-limits.js';

interface Fault {
  readonly fault: string;
  readonly explains: (violation: Violation, refusal: Refusal) => boolean;
}

const FAULTS: readonly Fault[] = [
  {
    fault: 'the document lets a required form hold empty objects alone, and a form cannot say those',
    explains: ({ location, message }, { arguments: { body }, exchange: { headers, body: sent } }) =>
      isBody(location) &&
      message.endsWith('Body parameter is required') &&
      (headers['content-type'] ?? FORM).startsWith(FORM) &&
      sent.length === 0 &&
      isObject(body) &&
      Object.values(body).every(isEmptyContainer),
  },
  {
    fault:
      'the document gives a body of bytes or of plain text the schema of something else, which no body of it can be',
    explains: ({ location, message }, { exchange: { headers } }) =>
      isBody(location) &&
      location.length <= 2 &&
      /must be (object|array|number|integer|boolean)\b/.test(message) &&
      /^(application\/octet-stream|text\/plain|image\/|audio\/|video\/|application\/(pdf|zip))/.test(
        headers['content-type'] ?? '',
      ),
  },
  {
    fault: 'the document puts a path parameter behind a "#", which no request carries',
    explains: ({ location, message }, { operation: { path } }) => {
      const missing = /must have required property '(.+)'$/.exec(message)?.[1];
      const fragment = path.includes('#') ? path.slice(path.indexOf('#')).toLowerCase() : '';
      return location.join('.') === 'request.path' && fragment.includes(`{${missing}}`);
    },
  },
  {
    fault: 'the document lists values of another type than it says, so that no value is right',
    explains: ({ location: [, place, ...names], message }, { arguments: args }) => {
      const allowed = /must be equal to one of the allowed values: (.+)$/.exec(message)?.[1]?.split(', ');
      const given = valueAt(place === 'body' ? args.body : args, names);
      // Prism compares values of JSON: an equal text is a value of another type.
      return place === 'body' && typeof given === 'string' && allowed?.includes(given) === true;
    },
  },
  {
    fault: 'the document puts objects into a list of the query, for which OpenAPI has no way of writing',
    explains: ({ location: [, place, name = '', ...deeper], message }, { arguments: args }) => {
      const [, given] = Object.entries(args).find(([argument]) => argument.toLowerCase() === name.toLowerCase()) ?? [];
      return (
        place === 'query' &&
        deeper.length === 1 &&
        /must be (object|array)$/.test(message) &&
        Array.isArray(given) &&
        given.some((item) => typeof item === 'object' && item !== null)
      );
    },
  },
  {
    fault: 'what fits one alternative of its oneOf fits another too, so that nothing fits one alone',
    explains: ({ location, message }, { schema }) =>
      message.endsWith('must match exactly one schema in oneOf') && isReadAsAnyOf(schema, location.slice(1)),
  },
];

/** The fault of the document's that explains the violation, or undefined where it has none. */
export function documentFault(violation: Violation, refusal: Refusal): string | undefined {
  return FAULTS.find(({ explains }) => explains(violation, refusal))?.fault;
}

const FORM = 'application/x-www-form-urlencoded';

function isBody(location: readonly string[]): boolean {
  return location.length < 2 || location[1] === 'body';
}

function isEmptyContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isEmptyContainer);
}

/**
 * Whether the schema that describe_endpoint shows has alternatives by `anyOf` where the document has them by `oneOf`: the
 * generator found that each of them has values that fit another as well.
 */
function isReadAsAnyOf(root: JsonObject, place: readonly string[]): boolean {
  const names = ['path', 'query', 'header', 'cookie'].includes(place[0] ?? '') ? place.slice(1) : place;
  let schemas: readonly JsonObject[] = [root];
  for (const name of names) schemas = schemas.flatMap((schema) => stepsInto(root, schema, name));
  return schemas.flatMap((schema) => variants(root, schema)).some((schema) => Array.isArray(schema.anyOf));
}

function stepsInto(root: JsonObject, schema: JsonObject, name: string): readonly JsonObject[] {
  return variants(root, schema).flatMap((variant) => {
    const properties = isObject(variant.properties) ? variant.properties : {};
    const child = Object.hasOwn(properties, name) ? properties[name] : /^\d+$/.test(name) ? variant.items : undefined;
    const inner = child ?? variant.additionalProperties;
    return isObject(inner) ? [inner] : [];
  });
}

/** The schema, what it refers to, and what it is composed of. */
function variants(root: JsonObject, schema: JsonObject, depth = 0): readonly JsonObject[] {
  const target = resolved(root, schema) ?? schema;
  if (depth > DEEPEST_COMPOSITION) return [target];
  const members = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => target[keyword] ?? []);
  return [schema, target, ...members.filter(isObject).flatMap((member) => variants(root, member, depth + 1))];
}

const DEEPEST_COMPOSITION = 8;
