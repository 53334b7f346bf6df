/**
 * Operation Object (OpenAPI 3.1 section 4.8.10) → one normalized operation: its parts are read by the neighbours of this
 * file, and put together here. The arguments are one flat object with a name for each thing that can be set; the body is
 * one of them and is never spread out, so that no property of it can collide with a parameter.
 */

import type { BodyBinding, HttpMethod, JsonSchema, ParameterBinding } from '../contract.js';
import { cleanLine, cleanText, firstSentence, MAX_LENGTH } from './clean-text.js';
import { endlessSchema } from './endless-schema.js';
import { exampleValue } from './example-value.js';
import { arrayOr, isObject, objectOr, setOwn, textOr, type JsonObject } from './json-value.js';
import type { NormalizedOperation } from './normalized-document.js';
import { splitCamelCase } from './operation-id.js';
import { readBody, type ReadBody } from './read-body.js';
import {
  bodilessContentType,
  namedAccept,
  readParameters,
  requiredHeader,
  type ParameterList,
  type ReadParameter,
} from './read-parameters.js';
import { readResponses } from './read-responses.js';
import { readSecurity, type SecuritySchemes } from './read-security.js';
import { readServer, serverRemedy, type ServerVariable } from './read-server.js';
import type { References } from './references.js';
import type { Reporter } from './reporter.js';
import { CREDENTIAL_HEADERS, withHeaderCredential, type CredentialHeader } from './required-credential.js';
import { satisfies } from './satisfies.js';
import type { SchemaReader } from './schema-reader.js';

/** An operation as it was found: nothing of it has been read yet. */
export interface FoundOperation {
  readonly method: HttpMethod;
  readonly path: string;
  readonly operation: JsonObject;
  readonly pathItem: JsonObject;
  /** JSON pointer to the Path Item Object, and to the Operation Object. */
  readonly itemPointer: string;
  readonly pointer: string;
  readonly operationId?: unknown;
}

export interface DocumentScope {
  readonly provider: string;
  readonly document: JsonObject;
  readonly origin: string | undefined;
  readonly schemes: SecuritySchemes;
  readonly references: References;
  readonly reporter: Reporter;
  readonly schemas: SchemaReader;
}

interface Argument {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** Whether the document leaves that open. */
  readonly isUndecided?: boolean;
  readonly examples: readonly unknown[];
}

/** Never fails: what cannot be read is among the findings. */
export function readOperation(found: FoundOperation, id: string, scope: DocumentScope): NormalizedOperation {
  const { operation, pointer, path, method } = found;
  const declared = readSecurity(
    operation['security'] ?? scope.document['security'],
    scope.schemes,
    operation['security'] === undefined ? '/security' : `${pointer}/security`,
    scope.reporter,
  );
  const lists = parameterLists(found);
  const asked = CREDENTIAL_HEADERS.filter((header) => asksForCredential(found, header, scope.references));
  const security = asked.reduce((so, header) => withHeaderCredential(so, scope.schemes, header), declared);
  const parameterScope = { ...scope, path, security };
  const parameters = readParameters(lists, parameterScope);
  const body = readBody(operation['requestBody'], `${pointer}/requestBody`, scope);
  const server = serverOf(found, scope);
  const responses = readResponses(operation['responses'], `${pointer}/responses`, scope);
  const contentType =
    body?.required === true ? undefined : bodilessContentType(lists, parameterScope, body?.contentType);
  const accept = namedAccept(lists, parameterScope, answeredTypes(operation['responses'], scope.references));
  scope.schemas.readPending();

  const names = argumentNames(parameters, server.variables, body !== undefined);
  const { settled } = scope.schemas;
  const args = [
    ...parameters.map((parameter, index) => {
      return parameterArgument({ ...parameter, schema: settled(parameter.schema) }, names.parameters[index]!, scope);
    }),
    ...server.variables.map((variable, index) => serverArgument(variable, names.variables[index]!)),
    ...(body === undefined ? [] : [{ ...body, schema: settled(body.schema), name: names.body }]),
  ];
  const schema = argumentsSchema(args);
  const text = textsOf(found);
  const operationId = textOr(operation['operationId']);
  return {
    operation: id,
    ...(operationId === undefined ? {} : { operationId }),
    pointer,
    method,
    path,
    ...text,
    tags: tagsOf(operation['tags']),
    ...(operation['deprecated'] === true ? { deprecated: true as const } : {}),
    server: server.url,
    arguments: schema,
    parameters: [
      ...parameters.map((parameter, index) => parameterBinding(parameter, names.parameters[index]!)),
      ...server.variables.map((variable, index) => variableBinding(variable, names.variables[index]!)),
      ...(contentType === undefined ? [] : [fixedHeader('Content-Type', contentType)]),
      ...(accept === undefined ? [] : [fixedHeader('Accept', accept)]),
    ],
    ...(body === undefined ? {} : { body: bodyBinding(body, names.body) }),
    responses,
    security,
    example: exampleArguments(args, pointer, scope),
    ...(operation['x-tollgate'] === undefined ? {} : { extension: operation['x-tollgate'] }),
  };
}

/** The media types of the successful answers: all that the document has, of which an endpoint carries one for each. */
function answeredTypes(responses: unknown, references: References): readonly string[] {
  return Object.entries(objectOr(responses)).flatMap(([status, given]) => {
    const response = objectOr(references.follow(given)?.value);
    return /^2|^default$/i.test(status) ? Object.keys(objectOr(response['content'])) : [];
  });
}

/** The path's own list, then the operation's, which wins. */
function parameterLists({ operation, pathItem, pointer, itemPointer }: FoundOperation): readonly ParameterList[] {
  return [
    { parameters: pathItem['parameters'], pointer: `${itemPointer}/parameters` },
    { parameters: operation['parameters'], pointer: `${pointer}/parameters` },
  ];
}

/** Whether the document has the operation's credential among its parameters, in this header. */
export function asksForCredential(found: FoundOperation, header: CredentialHeader, references: References): boolean {
  return requiredHeader(parameterLists(found), header, references) !== undefined;
}

/** The nearest list of servers: the operation's, the path's, the document's. */
function serverOf({ operation, pathItem, pointer, itemPointer }: FoundOperation, scope: DocumentScope) {
  const [servers, place] = (
    [
      [operation['servers'], `${pointer}/servers`],
      [pathItem['servers'], `${itemPointer}/servers`],
      [scope.document['servers'], '/servers'],
    ] as const
  ).find(([list]) => arrayOr(list).length > 0) ?? [undefined, '/servers'];
  return readServer(servers, scope.origin, (message) => {
    scope.reporter.warning(place, 'relative-server', message, serverRemedy(place, scope.provider));
  });
}

interface ArgumentNames {
  readonly parameters: readonly string[];
  readonly variables: readonly string[];
  readonly body: string;
}

/** Each keeps its own name; of several with the same one the first in the order of places, the others gain the place. */
function argumentNames(
  parameters: readonly ReadParameter[],
  variables: readonly ServerVariable[],
  hasBody: boolean,
): ArgumentNames {
  const own = new Set([...parameters, ...variables].map(({ name }) => name));
  const taken = new Set<string>();
  const take = (name: string, place: string): string => {
    let free = name;
    for (let count = 1; taken.has(free) || (free !== name && own.has(free)); count++) {
      free = count === 1 ? `${name}_${place}` : `${name}_${place}_${count}`;
    }
    taken.add(free);
    return free;
  };
  const named = parameters.map((parameter) => take(parameter.name, parameter.in));
  const chosen = variables.map(({ name }) => take(name, 'server'));
  if (!hasBody) return { parameters: named, variables: chosen, body: '' };
  let body = 'body';
  for (let count = 1; taken.has(body); count++) body = count === 1 ? 'request_body' : `request_body_${count}`;
  return { parameters: named, variables: chosen, body };
}

function argumentsSchema(args: readonly Argument[]): JsonSchema {
  const properties: Record<string, unknown> = {};
  for (const { name, schema } of args) setOwn(properties, name, schema);
  const required = args.filter((argument) => argument.required).map(({ name }) => name);
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), additionalProperties: false };
}

/**
 * A required parameter may be left out where its default can be sent in its place; never one of the path, which says
 * what the call is about.
 */
function parameterArgument(parameter: ReadParameter, name: string, { schemas }: DocumentScope): Argument {
  const { in: place, schema, default: fallback } = parameter;
  const isEmpty = fallback === undefined || ['null', '""', '[]', '{}'].includes(JSON.stringify(fallback));
  const isFilledIn = place !== 'path' && !isEmpty && satisfies(schema, fallback, schemas);
  return { ...parameter, name, required: parameter.required && !isFilledIn };
}

function serverArgument(variable: ServerVariable, name: string): Argument {
  const description = cleanText(variable.description, MAX_LENGTH.parameter);
  const schema = {
    type: 'string',
    enum: variable.values,
    default: variable.default,
    ...(description === '' ? {} : { description }),
  };
  return { name, schema, required: false, examples: [] };
}

function parameterBinding(parameter: ReadParameter, argument: string): ParameterBinding {
  const { name, in: place, required, style, explode, allowReserved, contentType } = parameter;
  return {
    argument,
    name,
    in: place,
    required,
    style,
    explode,
    ...(allowReserved === undefined ? {} : { allowReserved }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(parameter.default === undefined ? {} : { default: parameter.default }),
  };
}

/** Required, since no URL can be built without it: where the caller leaves it out, its default is sent. */
function variableBinding(variable: ServerVariable, argument: string): ParameterBinding {
  return {
    argument,
    name: variable.name,
    in: 'server',
    required: true,
    style: 'simple',
    explode: false,
    default: variable.default,
  };
}

function fixedHeader(name: string, fixed: string): ParameterBinding {
  return { name, in: 'header', required: true, style: 'simple', explode: false, fixed };
}

function bodyBinding({ required, contentType, encoding, fields }: ReadBody, argument: string): BodyBinding {
  return { argument, required, contentType, encoding, ...(fields === undefined ? {} : { fields }) };
}

/**
 * What is required, and what the document itself gives an example for. A body is there too where it has required fields
 * and nothing says that it may be left out: without it most calls of such an operation do nothing.
 */
function exampleArguments(args: readonly Argument[], pointer: string, scope: DocumentScope): Record<string, unknown> {
  const example: Record<string, unknown> = {};
  for (const { name, schema, required, isUndecided, examples } of args) {
    const given = examples.find((value) => satisfies(schema, value, scope.schemas));
    const isMade = required || (isUndecided === true && requiresFields(schema, scope.schemas));
    const value = given ?? (isMade ? exampleValue(schema, scope.schemas) : undefined);
    if (value !== undefined) setOwn(example, name, value);
    else if (required) {
      const message = `no example of the argument ${JSON.stringify(name)} could be made`;
      const endless = endlessSchema(schema, scope.schemas);
      if (endless === undefined) {
        scope.reporter.warning(pointer, 'no-example', message, 'give an example in the document');
      } else {
        const why = `${message}: the schema ${JSON.stringify(endless)} requires itself, so that no value of it ends`;
        const remedy = 'take the property that leads back out of required, or let it be null';
        scope.reporter.warning(pointer, 'endless-schema', why, remedy);
      }
    }
  }
  return example;
}

/** Whether an object satisfies the schema, and not without fields. */
function requiresFields(schema: JsonSchema, schemas: SchemaReader): boolean {
  return !satisfies(schema, {}, schemas) && isObject(exampleValue(schema, schemas));
}

function textsOf({ operation, pathItem, method, path }: FoundOperation): {
  readonly title: string;
  readonly summary: string;
  readonly description: string;
} {
  const description = cleanText(operation['description'] ?? pathItem['description'], MAX_LENGTH.description);
  const given =
    cleanLine(operation['summary'], MAX_LENGTH.summary) || cleanLine(pathItem['summary'], MAX_LENGTH.summary);
  const title =
    cleanLine(given, MAX_LENGTH.title) || wordsOf(operation['operationId']) || `${method} ${cleanLine(path, 100)}`;
  const summary = given || firstSentence(description, MAX_LENGTH.summary) || title;
  return { title, summary, description: description || summary };
}

/** `listPets` → `List pets`. */
function wordsOf(operationId: unknown): string {
  const words = splitCamelCase(textOr(operationId) ?? '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()));
  const text = words.join(' ');
  return cleanLine(text.charAt(0).toUpperCase() + text.slice(1), MAX_LENGTH.title);
}

function tagsOf(tags: unknown): readonly string[] {
  const names = arrayOr(tags).map((tag) => cleanLine(tag, MAX_LENGTH.tag));
  return [...new Set(names.filter((name) => name !== ''))];
}
