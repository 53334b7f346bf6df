/**
 * Swagger 2.0 → OpenAPI 3.0: the document's outline (servers, operations, parameters, bodies, responses, security).
 * Parameters and responses that are referred to are written out, since their form changes; Schema Objects stay the very
 * objects of the document and keep their references into it. Schemas are upgraded where they are read.
 */

import { arrayOr, isObject, objectOr, own, setOwn, textOr, type JsonObject } from './json-value.js';
import type { References } from './references.js';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;

/** Keywords of a non-body parameter that are its schema's in OpenAPI 3. */
const SCHEMA_KEYWORDS = `type format items default maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength
  pattern maxItems minItems uniqueItems enum multipleOf x-nullable`.split(/\s+/);

/** `collectionFormat` → style and explode in a query or a form (Swagger 2.0, Parameter Object); elsewhere `form` is `simple`. */
const STYLES: Readonly<Record<string, { readonly style: string; readonly explode: boolean }>> = {
  csv: { style: 'form', explode: false },
  ssv: { style: 'spaceDelimited', explode: false },
  tsv: { style: 'tabDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
  multi: { style: 'form', explode: true },
};

export function upgradeSwagger2(document: JsonObject, references: References): JsonObject {
  const upgrade = new Upgrade(document, references);
  const paths: Record<string, unknown> = {};
  for (const [path, item] of Object.entries(objectOr(document['paths']))) setOwn(paths, path, upgrade.pathItem(item));
  return {
    openapi: '3.0.4',
    info: document['info'],
    ...('tags' in document ? { tags: document['tags'] } : {}),
    ...('externalDocs' in document ? { externalDocs: document['externalDocs'] } : {}),
    ...('security' in document ? { security: document['security'] } : {}),
    ...('x-tollgate' in document ? { 'x-tollgate': document['x-tollgate'] } : {}),
    servers: serversOf(document),
    paths,
    components: { securitySchemes: securitySchemesOf(document) },
  };
}

class Upgrade {
  constructor(
    readonly document: JsonObject,
    readonly references: References,
  ) {}

  /** What cannot be read is handed on as it is: whoever reads the result reports it. */
  pathItem(given: unknown): unknown {
    const target = this.references.follow(given)?.value;
    if (!isObject(target)) return given;
    // What stands beside a reference is added to what it leads to, as of a Path Item Object of OpenAPI 3.
    const item: JsonObject = { ...target, ...objectOr(given) };
    const shared = this.#parameters(item['parameters']);
    const upgraded: Record<string, unknown> = { parameters: others(shared, consumedOf(shared)) };
    for (const method of METHODS) {
      const operation = own(item, method);
      if (operation !== undefined)
        upgraded[method] = isObject(operation) ? this.operation(operation, shared) : operation;
    }
    return upgraded;
  }

  /** @param shared the path's parameters */
  operation(operation: JsonObject, shared: readonly unknown[]): JsonObject {
    const { parameters, responses, consumes, produces, schemes, ...rest } = operation;
    const listed = this.#parameters(parameters);
    const consumed = consumedOf(listed, shared);
    const requestBody = requestBodyOf(consumed, mediaTypes(consumes ?? this.document['consumes']));
    return {
      ...rest,
      ...(Array.isArray(schemes) ? { servers: serversOf({ ...this.document, schemes }) } : {}),
      parameters: others(listed, consumed),
      ...(requestBody === undefined ? {} : { requestBody }),
      responses: this.#responses(objectOr(responses), mediaTypes(produces ?? this.document['produces'])),
    };
  }

  /** References written out, broken ones kept as they are. */
  #parameters(list: unknown): readonly unknown[] {
    return arrayOr(list).map((given) => this.references.follow(given)?.value ?? given);
  }

  #responses(responses: JsonObject, produces: readonly string[]): JsonObject {
    const upgraded: Record<string, unknown> = {};
    for (const [status, given] of Object.entries(responses)) {
      if (status.startsWith('x-')) continue;
      const response = this.references.follow(given)?.value;
      if (!isObject(response)) {
        setOwn(upgraded, status, given);
        continue;
      }
      const schema = response['schema'];
      const types = produces.length > 0 ? produces : ['application/json'];
      setOwn(upgraded, status, {
        description: response['description'] ?? '',
        ...(schema === undefined ? {} : { content: Object.fromEntries(types.map((type) => [type, { schema }])) }),
      });
    }
    return upgraded;
  }
}

/** What a request's body is made of: one body parameter, or else form fields of different names. */
interface Consumed {
  readonly body?: JsonObject;
  readonly fields: readonly JsonObject[];
}

/** An operation's own body or field wins over its path's; of those in one list the first does. */
function consumedOf(own: readonly unknown[], shared: readonly unknown[] = []): Consumed {
  const body = [...own, ...shared].filter(isObject).find((parameter) => parameter['in'] === 'body');
  if (body !== undefined) return { body, fields: [] };
  return { fields: [...new Map([...fieldsOf(shared), ...fieldsOf(own)]).values()] };
}

function fieldsOf(list: readonly unknown[]): ReadonlyMap<string, JsonObject> {
  const fields = new Map<string, JsonObject>();
  for (const parameter of list.filter(isObject)) {
    const name = textOr(parameter['name']);
    if (parameter['in'] === 'formData' && name !== undefined && !fields.has(name)) fields.set(name, parameter);
  }
  return fields;
}

/** The parameters that the body is not made of, each at its place in the document's list. */
function others(listed: readonly unknown[], { body, fields }: Consumed): readonly unknown[] {
  return listed.map((parameter) => {
    if (!isObject(parameter)) return parameter;
    return parameter === body || fields.includes(parameter) ? undefined : parameterOf(parameter);
  });
}

function requestBodyOf({ body, fields }: Consumed, consumes: readonly string[]): JsonObject | undefined {
  if (body === undefined) return fields.length === 0 ? undefined : formBody(fields, consumes);
  const types = consumes.length > 0 ? consumes : ['application/json'];
  const media = { schema: body['schema'], ...('x-example' in body ? { example: body['x-example'] } : {}) };
  return {
    ...(textOr(body['description']) === undefined ? {} : { description: body['description'] }),
    ...('required' in body ? { required: body['required'] === true } : {}),
    content: Object.fromEntries(types.map((type) => [type, media])),
  };
}

function parameterOf(parameter: JsonObject): JsonObject {
  const { collectionFormat, ...rest } = parameter;
  const schema: Record<string, unknown> = {};
  for (const keyword of SCHEMA_KEYWORDS) if (Object.hasOwn(rest, keyword)) schema[keyword] = rest[keyword];
  const isList = schema['type'] === 'array';
  const upgraded: Record<string, unknown> = { schema };
  for (const [key, value] of Object.entries(rest)) if (!SCHEMA_KEYWORDS.includes(key)) setOwn(upgraded, key, value);
  if ('x-example' in rest) upgraded['example'] = rest['x-example'];
  if (!isList) return upgraded;
  const isKnown = typeof collectionFormat === 'string' && Object.hasOwn(STYLES, collectionFormat);
  const style = STYLES[isKnown ? collectionFormat : 'csv']!;
  const isQuery = parameter['in'] === 'query' || parameter['in'] === 'formData';
  return { ...upgraded, ...(isQuery || style.style !== 'form' ? style : { style: 'simple', explode: false }) };
}

function formBody(fields: readonly JsonObject[], consumes: readonly string[]): JsonObject {
  const properties: Record<string, unknown> = {};
  const encoding: Record<string, unknown> = {};
  const required: string[] = [];
  for (const field of fields) {
    const name = String(field['name']);
    const { schema, style, explode } = parameterOf(field);
    setOwn(properties, name, {
      ...objectOr(schema),
      ...(field['description'] === undefined ? {} : { description: field['description'] }),
      ...(field['x-example'] === undefined ? {} : { example: field['x-example'] }),
    });
    if (style !== undefined) setOwn(encoding, name, { style, explode });
    if (field['required'] === true) required.push(name);
  }
  const hasFile = fields.some((field) => field['type'] === 'file');
  const offered = consumes.filter((type) => /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type));
  const usable = hasFile ? offered.filter((type) => /^multipart/i.test(type)) : offered;
  const types = usable.length > 0 ? usable : [hasFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded'];
  const schema = { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
  return {
    required: required.length > 0,
    content: Object.fromEntries(types.map((type) => [type, { schema, encoding }])),
  };
}

function mediaTypes(value: unknown): readonly string[] {
  return arrayOr(value).filter((type): type is string => typeof type === 'string' && type !== '');
}

function serversOf(document: JsonObject): readonly JsonObject[] {
  const host = textOr(document['host']);
  const basePath = textOr(document['basePath']) ?? '';
  const rooted = basePath === '' || basePath.startsWith('/') ? basePath : `/${basePath}`;
  if (host === undefined) return [{ url: rooted === '' ? '/' : rooted }];
  const schemes = arrayOr(document['schemes']).filter((scheme) => scheme === 'https' || scheme === 'http');
  // https first where both are offered: no credential should travel in the open.
  const ordered = schemes.length === 0 ? ['https'] : schemes.toSorted().reverse();
  return ordered.map((scheme) => ({ url: `${String(scheme)}://${host}${rooted}` }));
}

function securitySchemesOf(document: JsonObject): JsonObject {
  const schemes: Record<string, unknown> = {};
  for (const [name, scheme] of Object.entries(objectOr(document['securityDefinitions']))) {
    if (!isObject(scheme)) continue;
    setOwn(schemes, name, securitySchemeOf(scheme));
  }
  return schemes;
}

function securitySchemeOf(scheme: JsonObject): JsonObject {
  if (scheme['type'] === 'basic') return { type: 'http', scheme: 'basic' };
  if (scheme['type'] !== 'oauth2') return scheme;
  const { flow, authorizationUrl, tokenUrl, scopes } = scheme;
  const name =
    flow === 'application' ? 'clientCredentials' : flow === 'accessCode' ? 'authorizationCode' : String(flow);
  return { type: 'oauth2', flows: { [name]: { authorizationUrl, tokenUrl, scopes: objectOr(scopes) } } };
}
