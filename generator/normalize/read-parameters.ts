/**
 * Parameter Objects (OpenAPI 3.1 section 4.8.12) → what is sent, and the schema of the argument it is sent from. Which
 * name an argument gets is decided later, when all of them are known.
 */

import type { JsonSchema, ParameterLocation, ParameterStyle, SecurityAlternative } from '../contract.js';
import { HTTP_TOKEN } from './http-token.js';
import { arrayOr, isObject, objectOr, own, textOr, type JsonObject } from './json-value.js';
import { cleanText, MAX_LENGTH } from './clean-text.js';
import { encodingOf, essence } from './media-type.js';
import type { References } from './references.js';
import type { Reporter } from './reporter.js';
import { addExamples, isJson } from './schema-examples.js';
import type { SchemaReader } from './schema-reader.js';
import type { SecuritySchemes } from './read-security.js';

export interface ReadParameter {
  readonly name: string;
  readonly in: Exclude<ParameterLocation, 'server'>;
  readonly required: boolean;
  readonly style: ParameterStyle;
  readonly explode: boolean;
  readonly allowReserved?: true;
  readonly contentType?: string;
  readonly default?: unknown;
  readonly schema: JsonSchema;
  /** Values that the document gives for this very parameter. */
  readonly examples: readonly unknown[];
}

/** Those of OpenAPI 3, and the delimiters that Swagger 2.0 has in every place. */
const STYLES: Readonly<Record<ReadParameter['in'], readonly [fallback: ParameterStyle, ...others: ParameterStyle[]]>> =
  {
    path: ['simple', 'label', 'matrix', 'spaceDelimited', 'pipeDelimited', 'tabDelimited'],
    query: ['form', 'spaceDelimited', 'pipeDelimited', 'tabDelimited', 'deepObject'],
    header: ['simple', 'spaceDelimited', 'pipeDelimited', 'tabDelimited'],
    cookie: ['form'],
  };

/** Headers that the specification reserves: they follow from the body, the answer and the security. */
const RESERVED_HEADERS = new Set(['accept', 'content-type', 'authorization']);
/** Headers of the message and the connection, which whoever sends a request writes by itself (RFC 9110 section 7.6.1). */
const FRAMING_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Headers that may carry a credential: no caller sets one. */
const GUARDED_HEADERS = new Set(['cookie', 'proxy-authorization']);

const PARAMETER_LOSS = {
  rule: 'unusable-parameter',
  remedy: 'correct the parameter, or remove it where the service does without',
};

const ONE_BODY =
  'a request has one body, which requestBody describes, and in Swagger 2.0 one body parameter, or else form fields of different names';

export interface ParameterScope {
  readonly path: string;
  readonly security: readonly SecurityAlternative[];
  readonly schemes: SecuritySchemes;
  readonly references: References;
  readonly reporter: Reporter;
  readonly schemas: SchemaReader;
}

/** The parameter list of one level, with where it stands. */
export interface ParameterList {
  readonly parameters: unknown;
  readonly pointer: string;
}

/**
 * In the order path, query, header, cookie, and in the document's order within.
 * @param lists the path's own list, then the operation's, which wins
 */
export function readParameters(lists: readonly ParameterList[], scope: ParameterScope): readonly ReadParameter[] {
  const read = new Map<string, ReadParameter>();
  for (const { parameters, pointer } of lists) {
    const inThisList = new Set<string>();
    arrayOr(parameters).forEach((given, index) => {
      // Of Swagger 2.0, what the body is made of.
      if (given === undefined) return;
      const target = scope.references.follow(given, `${pointer}/${index}`);
      if (target === undefined || !isObject(target.value)) {
        scope.reporter.dangling(`${pointer}/${index}`, 'a parameter');
        return;
      }
      const parameter = readParameter(target.value, target.pointer, scope);
      if (parameter === undefined) return;
      const key = `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
      if (inThisList.has(key)) {
        const message = `the ${parameter.in} parameter ${JSON.stringify(parameter.name)} is listed twice`;
        scope.reporter.warning(`${pointer}/${index}`, 'duplicate-parameter', message, 'remove one of them');
        return;
      }
      inThisList.add(key);
      read.set(key, parameter);
    });
  }
  addUndeclared(read, scope, lists.at(-1)?.pointer ?? '');
  const order: readonly ReadParameter['in'][] = ['path', 'query', 'header', 'cookie'];
  return order.flatMap((place) => [...read.values()].filter((parameter) => parameter.in === place));
}

/** The header parameter of this name, where requests without it are none. The nearest list has the last word. */
export function requiredHeader(
  lists: readonly ParameterList[],
  name: string,
  references: References,
): JsonObject | undefined {
  const header = lists
    .flatMap(({ parameters }) => arrayOr(parameters))
    .map((given) => objectOr(references.follow(given)?.value))
    .findLast((parameter) => parameter['in'] === 'header' && textOr(parameter['name'])?.toLowerCase() === name);
  return header?.['required'] === true ? header : undefined;
}

/**
 * What a document asks for in the Content-Type of requests that have no body, where it requires one. It is no argument, as
 * the specification says of this header; but a service that requires it may refuse a request without.
 * @param offered the media type that a body would have, where the operation may have one
 */
export function bodilessContentType(
  lists: readonly ParameterList[],
  { references, schemas }: ParameterScope,
  offered: string | undefined,
): string | undefined {
  const parameter = requiredHeader(lists, 'content-type', references);
  if (parameter === undefined) return undefined;
  const [first = JSON_TYPE] = offered !== undefined && MEDIA_TYPE.test(offered) ? [offered] : [];
  return namedTypes(parameter, references, schemas)[0] ?? first;
}

/**
 * The Accept header that a document asks for beyond what its answers say: a parameter that it requires names a type that
 * is none of theirs, such as one with a version. It is no argument, as the specification says of this header; but a
 * service that requires it may refuse another one, or answer as its oldest version would. Undefined where the answers say
 * as much, or where what is named is an example that no answer fits.
 * @param answered the media types of the successful answers
 */
export function namedAccept(
  lists: readonly ParameterList[],
  { references, schemas }: ParameterScope,
  answered: readonly string[],
): string | undefined {
  const parameter = requiredHeader(lists, 'accept', references);
  if (parameter === undefined) return undefined;
  const { schema } = schemas.look(parameter['schema'], '');
  const isClosed = schema['const'] !== undefined || arrayOr(schema['enum']).length > 0;
  const said = namedTypes(parameter, references, schemas);
  const fitting = said.filter((type) => answered.some((other) => essence(other) === essence(type)));
  const named = fitting.length > 0 || (!isClosed && answered.length > 0) ? fitting : said;
  const isSaid =
    answered.some((type) => named.includes(type)) && (!isClosed || answered.every((type) => said.includes(type)));
  if (named.length === 0 || isSaid) return undefined;
  const [first, ...others] = [...named.filter((type) => encodingOf(type) === 'json'), ...named];
  const rest = [...new Set([...others, ...answered])].filter((type) => type !== first && MEDIA_TYPE.test(type));
  return [first, ...rest.map((type) => `${type};q=0.5`), '*/*;q=0.1'].join(', ');
}

/** The media types that a parameter names as its value, the surest first. */
function namedTypes(parameter: JsonObject, references: References, schemas: SchemaReader): readonly string[] {
  const { schema } = schemas.look(parameter['schema'], '');
  const said = [schema['const'], ...arrayOr(schema['enum']), schema['default'], ...examplesOf(parameter, references)];
  return said.filter((value): value is string => typeof value === 'string' && MEDIA_TYPE.test(value));
}

const JSON_TYPE = 'application/json';
/** RFC 9110 section 8.3.1, with parameters of printable ASCII. */
const MEDIA_TYPE = /^[\w!#$%&'+.^`|~-]+\/[\w!#$%&'+.^`|~-]+\s*(;[ -~]*)?$/;

/** Names in the template that no parameter declares: without a value the path could not be built. */
function addUndeclared(read: Map<string, ReadParameter>, scope: ParameterScope, pointer: string): void {
  for (const name of templateNames(scope.path)) {
    if (read.has(`path ${name}`)) continue;
    const message = `the path has {${name}}, which no parameter declares; it is taken as text`;
    scope.reporter.warning(pointer, 'undeclared-path-parameter', message, 'declare the parameter');
    const schema = { type: 'string', minLength: 1 };
    read.set(`path ${name}`, {
      name,
      in: 'path',
      required: true,
      style: 'simple',
      explode: false,
      schema,
      examples: [],
    });
  }
}

function templateNames(path: string): readonly string[] {
  return [...new Set([...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]!))];
}

function readParameter(parameter: JsonObject, pointer: string, scope: ParameterScope): ReadParameter | undefined {
  const { reporter } = scope;
  const name = textOr(parameter['name']);
  const place = parameter['in'];
  if (name === undefined) {
    reporter.loss(pointer, { ...PARAMETER_LOSS, what: 'a parameter', why: 'it has no name' });
    return undefined;
  }
  if (place === 'querystring') return readQueryString(parameter, name, pointer, scope);
  if (place !== 'path' && place !== 'query' && place !== 'header' && place !== 'cookie') {
    const isBody = place === 'body' || place === 'formData';
    const why = isBody ? ONE_BODY : `${JSON.stringify(place)} is no place for a parameter`;
    reporter.loss(pointer, { ...PARAMETER_LOSS, what: `the parameter ${name}`, why });
    return undefined;
  }
  if (place === 'header' && RESERVED_HEADERS.has(name.toLowerCase())) return undefined;
  if (place === 'header' && FRAMING_HEADERS.has(name.toLowerCase())) {
    const message = `${name} is a header of the connection, which the gateway writes itself; it is no argument`;
    reporter.warning(pointer, 'connection-header', message, 'remove the parameter');
    return undefined;
  }
  if ((place === 'header' || place === 'cookie') && !HTTP_TOKEN.test(name)) {
    const why = `it cannot be the name of a ${place}`;
    reporter.loss(pointer, { ...PARAMETER_LOSS, what: `the parameter ${JSON.stringify(name)}`, why });
    return undefined;
  }
  if (isCredential(name, place, scope)) return undefined;
  if (place === 'header' && GUARDED_HEADERS.has(name.toLowerCase())) {
    const why = 'it may carry a credential, and no caller sets one';
    const remedy = 'describe its cookies as parameters, or its credential as a security scheme';
    reporter.loss(pointer, { rule: 'unusable-parameter', what: `the parameter ${name}`, why, remedy });
    return undefined;
  }
  if (place === 'path' && !templateNames(scope.path).includes(name)) {
    const message = `the path parameter ${JSON.stringify(name)} does not occur in ${scope.path}`;
    reporter.warning(pointer, 'unused-path-parameter', message, 'remove it, or name it in the path');
    return undefined;
  }
  const style = readStyle(parameter, place, pointer, reporter);
  reportNestedFormat(parameter['schema'], `the parameter ${name}`, pointer, reporter);
  const value = readValue(parameter, pointer, scope);
  if (value.contentType !== undefined) return { ...style, ...value, name, in: place };
  const { schema: declared } = scope.schemas.look(parameter['schema'], pointer);
  if (style.required && hasNothingToSend(declared, pointer, scope)) {
    const why = 'it is an object of which every property is read-only, so that nothing of it could be sent';
    const remedy = 'describe it as it is written, as a string for instance';
    reporter.loss(pointer, { rule: 'read-only-parameter', what: `the schema of the parameter ${name}`, why, remedy });
    return { ...style, ...value, schema: asText(value.schema), name, in: place };
  }
  const types = [declared['type']].flat();
  const schema = neverEmpty(
    place === 'path' ? neverNull(value.schema, types) : value.schema,
    place,
    style.required,
    types,
  );
  return { ...style, ...value, schema, name, in: place };
}

/** Whether a closed object has read-only properties alone, which are left out of requests (OpenAPI 3.1 section 4.8.24.1). */
function hasNothingToSend(schema: JsonObject, pointer: string, { schemas }: ParameterScope): boolean {
  const properties = Object.values(objectOr(schema['properties']));
  const isReadOnly = (property: unknown): boolean => schemas.look(property, pointer).schema['readOnly'] === true;
  return schema['additionalProperties'] === false && properties.length > 0 && properties.every(isReadOnly);
}

function asText(schema: JsonSchema): JsonSchema {
  const described = typeof schema === 'boolean' ? undefined : schema['description'];
  return { type: 'string', minLength: 1, ...(described === undefined ? {} : { description: described }) };
}

/** A path has no text for null, whatever its schema allows. */
function neverNull(schema: JsonSchema, types: readonly unknown[]): JsonSchema {
  if (typeof schema === 'boolean' || !types.includes('null')) return schema;
  const { type, enum: values, ...rest } = schema;
  if (!Array.isArray(type)) return { ...schema, not: { type: 'null' } };
  const others = type.filter((each) => each !== 'null') as readonly string[];
  return {
    type: others.length === 1 ? others[0] : others,
    ...rest,
    ...(Array.isArray(values) ? { enum: values.filter((value) => value !== null) } : {}),
  };
}

/**
 * An empty text in a path would make it another path; and an empty list or object is written like one that is not there,
 * which a required one must be. The agent is told, where a document does not say so itself.
 */
function neverEmpty(
  schema: JsonSchema,
  place: ReadParameter['in'],
  required: boolean,
  types: readonly unknown[],
): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const keyword =
    place === 'path' && (types.includes('string') || types.includes(undefined))
      ? 'minLength'
      : required && types.includes('array')
        ? 'minItems'
        : required && types.includes('object')
          ? 'minProperties'
          : undefined;
  if (keyword === undefined || Number(schema[keyword] ?? 0) > 0) return schema;
  return { ...schema, [keyword]: 1 };
}

/** What AWS Signature Version 4 is made of, in headers or in the query. */
const AWS_SIGNATURE =
  /^x-amz-(algorithm|content-sha256|credential|date|expires|security-token|signature|signedheaders)$/i;

/** The gateway injects the operation's credentials: what carries one is no argument. */
function isCredential(name: string, place: ReadParameter['in'], { security, schemes }: ParameterScope): boolean {
  return security.some((alternative) =>
    Object.keys(alternative).some((key) => {
      const scheme = schemes[key];
      if (scheme?.type === 'awsSigV4') return (place === 'header' || place === 'query') && AWS_SIGNATURE.test(name);
      if (scheme?.type !== 'apiKey' || scheme.in !== place) return false;
      return place === 'header' ? scheme.name.toLowerCase() === name.toLowerCase() : scheme.name === name;
    }),
  );
}

type Style = Pick<ReadParameter, 'required' | 'style' | 'explode' | 'allowReserved'>;

function readStyle(parameter: JsonObject, place: ReadParameter['in'], pointer: string, reporter: Reporter): Style {
  const given = parameter['style'];
  // OpenAPI 3.2 gives cookies a style of their own, which is `form` without percent-encoding.
  const style = STYLES[place].find((known) => known === given) ?? STYLES[place][0];
  if (given !== undefined && given !== style && !(place === 'cookie' && given === 'cookie')) {
    const message = `the style ${JSON.stringify(given)} does not exist for a ${place} parameter; ${style} is used`;
    reporter.warning(pointer, 'unknown-style', message, 'correct the style');
  }
  return {
    required: place === 'path' || parameter['required'] === true,
    style,
    explode: typeof parameter['explode'] === 'boolean' ? parameter['explode'] : style === 'form',
    ...(mayBeReserved(parameter, place) ? { allowReserved: true as const } : {}),
  };
}

/**
 * OpenAPI 3.2 allows reserved characters in a path as well, and documents of older versions say it of parameters that are a
 * path of their own; those made of Google's discovery documents have a word for it, and so have Azure's.
 */
function mayBeReserved(parameter: JsonObject, place: ReadParameter['in']): boolean {
  if (place === 'path' && RESERVED_WORDS.some((word) => parameter[word] === true)) return true;
  return parameter['allowReserved'] === true && (place === 'query' || place === 'path');
}

const RESERVED_WORDS = ['x-reservedExpansion', 'x-ms-skip-url-encoding'];

/** Swagger 2.0: how a list within a list is joined (Items Object). Only the outer one has a style in OpenAPI 3. */
export function reportNestedFormat(schema: unknown, of: string, pointer: string, reporter: Reporter): void {
  for (let items = objectOr(schema)['items']; isObject(items); items = items['items']) {
    const format = textOr(own(items, 'collectionFormat'));
    if (format === undefined) continue;
    const what = `the collectionFormat ${format} of the lists within ${of}`;
    const remedy = 'describe it as a list of texts where the service wants them joined; callers then join them';
    reporter.loss(pointer, { rule: 'nested-format', what, why: 'a list within a list is written as JSON', remedy });
    return;
  }
}

type Value = Pick<ReadParameter, 'schema' | 'examples' | 'contentType' | 'default'>;

/** Its schema, or that of its one media type (`content`), with what the Parameter Object says of it. */
function readValue(parameter: JsonObject, pointer: string, { schemas, references }: ParameterScope): Value {
  const [contentType, mediaType] = Object.entries(objectOr(parameter['content']))[0] ?? [];
  const media = objectOr(mediaType);
  const hasContent = contentType !== undefined && parameter['schema'] === undefined;
  const source = hasContent ? media['schema'] : parameter['schema'];
  const schemaPointer = hasContent ? `${pointer}/content` : `${pointer}/schema`;
  const read = schemas.read(source, 'request', schemaPointer);
  const examples = [...examplesOf(parameter, references), ...(hasContent ? examplesOf(media, references) : [])];
  const schema: Record<string, unknown> = { ...(typeof read === 'boolean' ? {} : read) };
  const description = cleanText(parameter['description'], MAX_LENGTH.parameter);
  if (description !== '') schema['description'] = description;
  if (parameter['deprecated'] === true) schema['deprecated'] = true;
  addExamples(schema, examples);
  const fallback = own(schemas.look(source, schemaPointer).schema, 'default');
  return {
    schema: read === false ? false : schema,
    examples,
    ...(hasContent ? { contentType } : {}),
    ...(fallback !== undefined && isJson(fallback) ? { default: fallback } : {}),
  };
}

/** `example`, else the values of `examples`, of a Parameter or Media Type Object. */
export function examplesOf(holder: JsonObject, references: References): readonly unknown[] {
  if (Object.hasOwn(holder, 'example')) return [holder['example']];
  return Object.values(objectOr(holder['examples'])).flatMap((given) => {
    const example = references.follow(given)?.value;
    if (!isObject(example)) return [];
    if (Object.hasOwn(example, 'dataValue')) return [example['dataValue']];
    return Object.hasOwn(example, 'value') ? [example['value']] : [];
  });
}

/** OpenAPI 3.2: one parameter that is the whole query. As a form it is an object whose properties are written one by one. */
function readQueryString(
  parameter: JsonObject,
  name: string,
  pointer: string,
  scope: ParameterScope,
): ReadParameter | undefined {
  const contentType = Object.keys(objectOr(parameter['content']))[0] ?? '';
  if (encodingOf(contentType) !== 'form') {
    const why = `a query string of type ${JSON.stringify(contentType)} cannot be sent`;
    scope.reporter.loss(pointer, { ...PARAMETER_LOSS, what: `the parameter ${name}`, why });
    return undefined;
  }
  const { schema, examples } = readValue(parameter, pointer, scope);
  const required = parameter['required'] === true;
  return { name, in: 'query', required, style: 'form', explode: true, schema, examples };
}
