/**
 * Which drawn calls Prism cannot judge, and why. They are passed over: not made, and counted by the reason that stands
 * here. It is told from the document and the drawn values alone and before anything is sent, so that no verdict has a say
 * in it. What Prism can read in other words is called: see `readable-parameters.ts`.
 */

import { contradiction } from './contradiction.js';
import {
  isObject,
  operationOf,
  parametersOf,
  resolved,
  type JsonObject,
  type OpenApiDocument,
  type OperationAddress,
} from './openapi-document.js';

export interface DrawnCall {
  readonly document: OpenApiDocument;
  readonly operation: OperationAddress;
  readonly arguments: JsonObject;
}

interface Reason {
  readonly why: string;
  readonly holds: (call: Drawn) => boolean;
}

/** A drawn call, taken apart. */
interface Drawn {
  readonly path: string;
  readonly arguments: JsonObject;
  /** The parameters that have a value. */
  readonly given: readonly { readonly parameter: JsonObject; readonly value: unknown }[];
  readonly body?: DrawnBody;
}

interface DrawnBody {
  readonly document: OpenApiDocument;
  readonly kind: BodyKind;
  readonly isRequired: boolean;
  readonly schema: JsonObject;
  readonly encoding: JsonObject;
  readonly value: unknown;
}

const REASONS: readonly Reason[] = [
  {
    why: 'mock: Prism reads no XML, and the sampler draws none',
    holds: ({ body }) => body?.kind === 'xml' && isStructured(body.schema),
  },
  {
    why: 'document: a body of bytes or of plain text has the schema of something else, which no text or bytes can be',
    holds: ({ body }) => body?.kind === 'bytes' && isStructured(body.schema),
  },
  {
    why: 'document: a form has the schema of a text, and no fields',
    holds: ({ body }) => WRITTEN_BY_FIELD.has(body?.kind) && body?.schema.type === 'string',
  },
  {
    why: 'mock: Prism takes a form without fields, and JSON that is null, false or 0, for no body, where one is required',
    holds: ({ body }) => {
      if (body?.isRequired !== true) return false;
      return (body.kind === 'json' && !body.value) || (body.kind === 'form' && isEmpty(body.value));
    },
  },
  {
    why: 'mock: Prism reads no JSON in a field of a form or a multipart body, where its schema is not plainly of an object',
    holds: ({ body }) =>
      fields(body).some(({ style, contentType, type, value }) => {
        if (style !== undefined) return false;
        return isObject(value) ? type !== 'object' : Array.isArray(value) && contentType !== undefined;
      }),
  },
  {
    why: 'mock: Prism reads the objects of a list in a form as JSON, whatever style is written down',
    holds: ({ body }) => fields(body).some(({ style, value }) => style === 'deepObject' && hasListOfObjects(value)),
  },
  {
    why: 'document: a list or an object of the path, query or headers holds others, for which OpenAPI has no way of writing',
    holds: ({ given }) =>
      given.some(({ parameter, value }) => {
        const isWritable = parameter.style === 'deepObject' || parameter.content !== undefined;
        return !isWritable && isContainer(value) && Object.values(value).some(isContainer);
      }),
  },
  {
    why: 'mock: Prism decodes a value before it parts it, so that a delimiter inside of an item parts it too',
    holds: ({ given }) =>
      given.some(({ parameter, value }) => {
        const delimiter = delimiterOf(parameter);
        if (delimiter === undefined || !isContainer(value)) return false;
        return Object.values(value).some((item) => typeof item === 'string' && item.includes(delimiter));
      }),
  },
  {
    why: 'mock: Prism takes an empty value in a query for none, where one is required',
    holds: ({ given }) =>
      given.some(({ parameter, value }) => {
        const isRequired = parameter.in === 'query' && parameter.required === true && parameter.content === undefined;
        return isRequired && [value].flat().every((each) => each === '' || each === null);
      }),
  },
  {
    why: 'document: several values stand in one segment of the path, and where one ends cannot be told from it',
    holds: ({ path, arguments: args }) =>
      path
        .split(/[?#]/, 1)[0]!
        .split('/')
        .some((segment) => isAmbiguous(segment, args)),
  },
];

/** Why the call is not made; undefined where Prism can judge it. */
export function whyUnjudged({ document, operation, arguments: args }: DrawnCall): string | undefined {
  const given = parametersOf(document, operation)
    .map((parameter) => ({ parameter, value: own(args, String(parameter.name)) }))
    .filter(({ value }) => value !== undefined);
  const body = drawnBody(document, operation, args);
  const drawn = { path: operation.path, arguments: args, given, ...(body === undefined ? {} : { body }) };
  const reason = REASONS.find(({ holds }) => holds(drawn));
  if (reason !== undefined) return reason.why;

  const values = given.map(({ parameter: { schema }, value }) => ({ schema, value }));
  const hasValue = body !== undefined && ['json', 'form', 'multipart'].includes(body.kind);
  for (const { schema, value } of hasValue ? [...values, body] : values) {
    const fault = contradiction(document, schema, value);
    if (fault !== undefined) return `document: ${fault}`;
  }
  return undefined;
}

type BodyKind = 'json' | 'form' | 'multipart' | 'bytes' | 'xml';

/** In the order in which a body's media types are preferred. */
const KINDS: readonly (readonly [BodyKind, RegExp])[] = [
  ['json', /^[^/]+\/(.*[+.-])?json\b/],
  ['form', /^application\/x-www-form-urlencoded\b/],
  ['multipart', /^multipart\//],
  ['bytes', /^(image|audio|video)\/|^application\/(octet-stream|pdf|zip)\b/],
  ['xml', /^[^/]+\/(.*\+)?xml\b/],
  ['bytes', /^text\/|^application\/text\b/],
];

/** The body that was drawn, as it is going to be written; undefined where there is none, or another kind of one. */
function drawnBody(document: OpenApiDocument, operation: OperationAddress, args: JsonObject): DrawnBody | undefined {
  const { content, required } = resolved(document, operationOf(document, operation).requestBody) ?? {};
  // A parameter of this name takes it from the body.
  const isTaken = parametersOf(document, operation).some(({ name }) => name === 'body');
  const value = own(args, isTaken ? 'request_body' : 'body');
  if (!isObject(content) || value === undefined) return undefined;
  for (const [kind, types] of KINDS) {
    const media = Object.entries(content).find(([type]) => types.test(type.trim().toLowerCase()))?.[1];
    if (!isObject(media)) continue;
    const encoding = isObject(media.encoding) ? media.encoding : {};
    return {
      document,
      kind,
      isRequired: required === true,
      schema: resolved(document, media.schema) ?? {},
      encoding,
      value,
    };
  }
  return undefined;
}

const WRITTEN_BY_FIELD: ReadonlySet<unknown> = new Set(['form', 'multipart']);

interface DrawnField {
  readonly style: unknown;
  readonly contentType: unknown;
  /** What its schema says, where it stands by itself. */
  readonly type: unknown;
  readonly value: unknown;
}

/** The fields of a form or of a multipart body, with what is written down of how they are sent. */
function fields(body: DrawnBody | undefined): readonly DrawnField[] {
  if (body === undefined || !WRITTEN_BY_FIELD.has(body.kind) || !isObject(body.value)) return [];
  const { properties } = body.schema;
  return Object.entries(body.value).map(([name, value]) => {
    const encoding = own(body.encoding, name);
    const { style, contentType } = isObject(encoding) ? encoding : ({} as JsonObject);
    const property = isObject(properties) ? resolved(body.document, own(properties, name)) : undefined;
    return { style, contentType, type: property?.type, value };
  });
}

const STRUCTURED: ReadonlySet<unknown> = new Set(['object', 'array', 'number', 'integer', 'boolean']);

function isStructured({ type, properties, allOf, oneOf, anyOf }: JsonObject): boolean {
  if (type !== undefined) return STRUCTURED.has(type);
  return [properties, allOf, oneOf, anyOf].some((keyword) => keyword !== undefined);
}

/** What parts the items of a list; undefined where each is written by itself. */
function delimiterOf({ in: place, style = 'form', explode }: JsonObject): string | undefined {
  if (place !== 'query') return ',';
  if (style === 'pipeDelimited') return explode === true ? undefined : '|';
  if (style === 'spaceDelimited') return explode === true ? undefined : ' ';
  return style === 'form' && explode === false ? ',' : undefined;
}

/** Whether the shortest values that fill the segment of a template are other ones than those that were drawn. */
function isAmbiguous(segment: string, args: JsonObject): boolean {
  const [first = '', ...parts] = segment.split(/\{([^{}]+)\}/);
  const names = parts.filter((_, index) => index % 2 === 0);
  if (names.length < 2) return false;
  const literals = [first, ...parts.filter((_, index) => index % 2 === 1)];
  const values = names.map((name) => encodeURIComponent(String(own(args, name))));
  const written = literals.reduce((text, literal, index) => `${text}${values[index - 1]}${literal}`);
  const shortest = new RegExp(`^${literals.map(escaped).join('(.*?)')}$`).exec(written)?.slice(1);
  return JSON.stringify(shortest) !== JSON.stringify(values);
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function hasListOfObjects(value: unknown): boolean {
  if (!isContainer(value)) return false;
  const inner = Object.values(value);
  return (Array.isArray(value) && inner.some(isContainer)) || inner.some(hasListOfObjects);
}

function isEmpty(value: unknown): boolean {
  return value === null || (isContainer(value) && Object.values(value).every(isEmpty));
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function own(holder: JsonObject, name: string): unknown {
  return Object.hasOwn(holder, name) ? holder[name] : undefined;
}
