/**
 * What Prism refuses though it is right. Prism turns what it reads back into JSON before it judges it, and cannot read
 * all that OpenAPI lets a client write. Each rule here names such a limit, and holds only where the wire, and the
 * document as its vendor wrote it, show that the request was right; else the refusal counts.
 */

import { isDeepStrictEqual } from 'node:util';

import type { Violation } from './judge-exchange.js';
import { bracketed, formFields, valueAt } from './form-fields.js';
import {
  isObject,
  resolved,
  type JsonObject,
  type OpenApiDocument,
  type OperationAddress,
} from './openapi-document.js';
import type { Exchange } from './wire-tap.js';

/** A refused request, with all that shows whether it was right. */
export interface Refusal {
  readonly document: OpenApiDocument;
  readonly operation: OperationAddress;
  readonly arguments: JsonObject;
  /** What describe_endpoint shows of them. */
  readonly schema: JsonObject;
  readonly exchange: Exchange;
}

interface Limit {
  readonly limit: string;
  readonly explains: (violation: Violation, refusal: Refusal) => boolean;
}

const LIMITS: readonly Limit[] = [
  {
    limit: 'Prism makes an empty object of a deepObject property that was not sent, and misses what that requires',
    explains: ({ location: [, place, ...names], message }, refusal) => {
      if (!message.includes('must have required property') || names.length === 0) return false;
      if (place !== 'query' && place !== 'body') return false;
      const fields = formFields(refusal.exchange, place);
      const given = place === 'body' ? refusal.arguments.body : refusal.arguments;
      // The outermost object that was not sent: only that one must be optional.
      return names.some((_, index) => {
        const outer = names.slice(0, index + 1);
        const absent = valueAt(given, outer) === undefined;
        const sent = fields.some(([name]) => name === bracketed(outer) || name.startsWith(`${bracketed(outer)}[`));
        return absent && !sent && !isRequired(refusal, place, outer);
      });
    },
  },
  {
    limit: 'Prism reads a list in a form or multipart body as its last item alone, where no style is written down',
    explains: ({ location: [, place, ...names], message }, { arguments: args, exchange }) => {
      const given = valueAt(args.body, names);
      if (place !== 'body' || names.length !== 1 || !message.endsWith('must be array') || !Array.isArray(given)) {
        return false;
      }
      const sent = formFields(exchange, 'body').filter(([name]) => name === names[0]);
      return same(
        sent.map(([, text]) => text),
        given.map(String),
      );
    },
  },
  {
    limit: 'Prism wants the objects of a list in a form as JSON, whatever style is written down',
    explains: ({ message }, { arguments: args, exchange }) =>
      message.startsWith('Cannot deserialize JSON object array in form data request body') &&
      same(
        formFields(exchange, 'body')
          .map(([name, text]) => `${name}=${text}`)
          .sort(),
        fieldTexts(args.body).sort(),
      ),
  },
  {
    limit: 'Prism takes a number in a path, query or header for a text as well, so that it fits two kinds of a oneOf',
    explains: ({ location: [, place, name = '', ...deeper], message }, { document, operation, arguments: args }) => {
      if (!message.endsWith('must match exactly one schema in oneOf') || deeper.length > 0) return false;
      const parameter = parametersOf(document, operation).find((each) => each.in === place && each.name === name);
      const kinds = resolved(document, parameter?.schema)?.oneOf;
      const types = Array.isArray(kinds) ? kinds.map((kind) => resolved(document, kind)?.type) : [];
      return typeof args[name] === 'number' && types.includes('string') && types.some((type) => type !== 'string');
    },
  },
  {
    limit: 'Prism takes a part of a multipart body for a text, though the part says that it is JSON',
    explains: ({ location: [, place, name, ...deeper], message }, { arguments: args, exchange }) => {
      const isPart = place === 'body' && name !== undefined && deeper.length === 0;
      if (!isPart || !/must be (object|array)$/.test(message)) return false;
      if (exchange.headers['content-type']?.startsWith('multipart/') !== true) return false;
      const texts = formFields(exchange, 'body').flatMap(([field, text]) => (field === name ? [text] : []));
      return texts.length === 1 && isJsonOf(texts[0]!, valueAt(args.body, [name]));
    },
  },
  {
    limit:
      'Prism wants headers of which OpenAPI says that they "SHALL be ignored" as parameters (3.1, section 4.8.12.1)',
    explains: ({ location, message }) =>
      location[1] === 'header' && /must have required property '(accept|content-type|authorization)'$/.test(message),
  },
  {
    limit: 'Prism finds the members of an exploded object by the names that its schema lists, and no others',
    explains: ({ location, message }, { arguments: args, exchange }) => {
      const missing = /must have required property '(.+)'$/.exec(message)?.[1];
      const [, given] = Object.entries(args).find(([name]) => name.toLowerCase() === missing) ?? [];
      if (location.join('.') !== 'request.query' || !isObject(given) || Object.keys(given).length === 0) return false;
      const sent = formFields(exchange, 'query');
      return Object.keys(given).every((member) => sent.some(([name]) => name === member));
    },
  },
  {
    limit: 'Prism does not read XML, and takes a body of it for a text',
    explains: ({ location, message }, { exchange: { headers } }) =>
      location.join('.') === 'request.body' &&
      /must be (object|array)$/.test(message) &&
      /^(application|text)\/(.*\+)?xml\b/.test(headers['content-type'] ?? ''),
  },
  {
    limit: 'Prism takes an empty text in a query for nothing',
    explains: ({ location, message }, { exchange }) => {
      const missing = /must have required property '(.+)'$/.exec(message)?.[1];
      return (
        location.join('.') === 'request.query' &&
        formFields(exchange, 'query').some(([name, text]) => name === missing && text === '')
      );
    },
  },
  {
    limit: 'Prism takes a whole segment of a path for one value, where its template has more than that',
    explains: ({ location, message }, { operation, arguments: args, exchange }) => {
      if (location[1] !== 'path') return false;
      const named = location[2] ?? /must have required property '(.+)'$/.exec(message)?.[1];
      const isNamed = (expression: string): boolean => expression.toLowerCase() === named?.toLowerCase();
      return operation.path.split('/').some((segment) => {
        const expressions = [...segment.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]!);
        if (!expressions.some(isNamed) || segment === `{${expressions[0]}}`) return false;
        // The wire has what the template and the arguments come to.
        const written = segment.replace(/\{([^{}]+)\}/g, (_, name: string) => encodeURIComponent(String(args[name])));
        return exchange.target.split('?')[0]!.split('/').includes(written);
      });
    },
  },
  {
    limit: 'Prism parts a list at the commas of its items too, which are percent-encoded on the wire',
    explains: ({ location: [, place, name = ''] }, { arguments: args, exchange }) => {
      const [, given] = Object.entries(args).find(([each]) => each.toLowerCase() === name.toLowerCase()) ?? [];
      if ((place !== 'query' && place !== 'path') || !Array.isArray(given)) return false;
      return given.some((item) => typeof item === 'string' && item.includes(',')) && exchange.target.includes('%2C');
    },
  },
];

/** The limit of Prism's that explains the violation, or undefined where nothing does. */
export function prismLimit(violation: Violation, refusal: Refusal): string | undefined {
  return LIMITS.find(({ explains }) => explains(violation, refusal))?.limit;
}

/** Whether the document itself requires the property; also where that cannot be told. */
function isRequired({ document, operation }: Refusal, place: 'query' | 'body', names: readonly string[]): boolean {
  const [name = '', ...inner] = names;
  const parameter = parametersOf(document, operation).find((each) => each.in === 'query' && each.name === name);
  if (place === 'query' && inner.length === 0) return parameter?.required === true;
  let schema = resolved(document, place === 'query' ? parameter?.schema : bodySchema(document, operation));
  const steps = place === 'query' ? inner : names;
  for (const [index, step] of steps.entries()) {
    const { properties, required } = schema ?? {};
    if (!isObject(properties) || !Object.hasOwn(properties, step)) return true;
    if (index === steps.length - 1) return Array.isArray(required) && required.includes(step);
    schema = resolved(document, properties[step]);
  }
  return true;
}

function operationOf(document: OpenApiDocument, { method, path }: OperationAddress): JsonObject {
  return resolved(document, resolved(document, document.paths[path])?.[method.toLowerCase()]) ?? {};
}

function bodySchema(document: OpenApiDocument, operation: OperationAddress): unknown {
  const content = resolved(document, operationOf(document, operation).requestBody)?.content;
  const form = isObject(content) ? content['application/x-www-form-urlencoded'] : undefined;
  return isObject(form) ? form.schema : undefined;
}

function parametersOf(document: OpenApiDocument, operation: OperationAddress): readonly JsonObject[] {
  const lists = [resolved(document, document.paths[operation.path]), operationOf(document, operation)];
  return lists.flatMap((holder) => {
    const { parameters } = holder ?? {};
    return Array.isArray(parameters)
      ? parameters.flatMap<JsonObject>((each: unknown) => resolved(document, each) ?? [])
      : [];
  });
}

/** How a form carries a value, as text: `items[0][price]=1`, and `expand[]=a` for what a list holds directly. */
function fieldTexts(value: unknown, names: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [`${bracketed(names)}=${String(value)}`];
  return Object.entries(value as JsonObject).flatMap(([name, inner]) => {
    const inList = Array.isArray(value) && (typeof inner !== 'object' || inner === null);
    return fieldTexts(inner, [...names, inList ? '' : name]);
  });
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function isJsonOf(text: string, value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
}
