/**
 * Request Body Object (OpenAPI 3.1 section 4.8.13) → the one media type that is offered, how it is written, and the
 * schema of the argument. Files are base64 in an argument: JSON has no bytes.
 */

import type { BodyEncoding, FieldEncoding, JsonSchema, ParameterStyle } from '../contract.js';
import { escapeToken } from '../load/json-pointer.js';
import { cleanText, MAX_LENGTH } from './clean-text.js';
import { arrayOr, isObject, objectOr, own, setOwn, textOr, type JsonObject } from './json-value.js';
import { encodingOf, PREFERENCE } from './media-type.js';
import { examplesOf, reportNestedFormat } from './read-parameters.js';
import type { References } from './references.js';
import type { Reporter } from './reporter.js';
import { addExamples } from './schema-examples.js';
import type { SchemaReader } from './schema-reader.js';

export interface ReadBody {
  readonly required: boolean;
  /** Whether the document leaves out whether it is required, which is how most have it that mean it is. */
  readonly isUndecided: boolean;
  readonly contentType: string;
  readonly encoding: BodyEncoding;
  readonly fields?: Readonly<Record<string, FieldEncoding>>;
  readonly schema: JsonSchema;
  readonly examples: readonly unknown[];
}

interface Alternative {
  readonly contentType: string;
  readonly encoding: BodyEncoding;
  readonly media: JsonObject;
  readonly pointer: string;
}

interface Scope {
  readonly references: References;
  readonly reporter: Reporter;
  readonly schemas: SchemaReader;
}

const FIELD_STYLES: readonly unknown[] = ['form', 'spaceDelimited', 'pipeDelimited', 'tabDelimited', 'deepObject'];
/** RFC 9110 section 8.3.1, with parameters of printable ASCII: what a part of a multipart body can carry. */
const MEDIA_TYPE = "^[\\w!#$%&'+.^`|~-]+/[\\w!#$%&'+.^`|~-]+\\s*(;[ -~]*)?$";
/** Members of `allOf` within one another that are looked through for a form's fields. */
const MAX_COMBINATIONS = 8;

export function readBody(given: unknown, pointer: string, scope: Scope): ReadBody | undefined {
  if (given === undefined || given === null) return undefined;
  const target = scope.references.follow(given, pointer);
  if (target === undefined || !isObject(target.value)) {
    scope.reporter.dangling(pointer, 'the request body');
    return undefined;
  }
  const body = target.value;
  const alternatives = alternativesOf(objectOr(body['content']), `${target.pointer}/content`, scope);
  const chosen = choose(alternatives, scope);
  if (chosen === undefined) {
    const why = 'it has no content';
    const remedy = 'say under content which media types it may have';
    scope.reporter.loss(target.pointer, { rule: 'no-content', what: 'the request body', why, remedy });
    return undefined;
  }
  reportOthers(chosen, alternatives, scope.reporter);

  const read = readContent(chosen, scope);
  const schema: Record<string, unknown> = { ...(typeof read.schema === 'boolean' ? {} : read.schema) };
  const description = cleanText(body['description'], MAX_LENGTH.parameter);
  if (description !== '') schema['description'] = description;
  const examples = chosen.encoding === 'binary' ? [] : examplesOf(chosen.media, scope.references);
  addExamples(schema, examples);
  return {
    required: body['required'] === true,
    isUndecided: body['required'] === undefined,
    contentType: chosen.contentType,
    encoding: chosen.encoding,
    ...(read.fields === undefined ? {} : { fields: read.fields }),
    schema,
    examples,
  };
}

function alternativesOf(content: JsonObject, pointer: string, scope: Scope): readonly Alternative[] {
  // What has no name is taken for JSON; but where JSON is named as well, that is what is meant by it.
  const isUnnamed = (type: string): number => Number(type.trim() === '');
  const unnamedLast = Object.entries(content).sort(([left], [right]) => isUnnamed(left) - isUnnamed(right));
  return unnamedLast.map(([given, value]) => {
    const mediaPointer = `${pointer}/${escapeToken(given)}`;
    const media = objectOr(scope.references.follow(value, mediaPointer)?.value);
    const contentType = given.trim() === '' ? 'application/json' : given.trim();
    const known = encodingOf(contentType);
    if (known !== undefined) return { contentType, encoding: known, media, pointer: mediaPointer };
    // What the type leaves open, the schema answers; a wildcard needs a type of its own to be sent with.
    const { schema } = scope.schemas.look(media['schema'], mediaPointer);
    const encoding: BodyEncoding = isBinary(schema) ? 'binary' : schema['type'] === 'string' ? 'text' : 'json';
    const concrete = { binary: 'application/octet-stream', text: 'text/plain', json: 'application/json' }[encoding];
    return { contentType: contentType.includes('*') ? concrete : contentType, encoding, media, pointer: mediaPointer };
  });
}

/** By preference; but a multipart body that carries files comes first where the document puts it first. */
function choose(alternatives: readonly Alternative[], scope: Scope): Alternative | undefined {
  const byPreference = PREFERENCE.map((encoding) => alternatives.find((one) => one.encoding === encoding));
  const preferred = byPreference.find((one) => one !== undefined);
  const first = alternatives[0];
  if (preferred?.encoding !== 'multipart' && first?.encoding === 'multipart') {
    const fields = formFields(first.media['schema'], first.pointer, scope);
    if ([...fields.properties.values()].some(({ schema }) => isFile(schema, scope))) return first;
  }
  return preferred;
}

function reportOthers(chosen: Alternative, alternatives: readonly Alternative[], reporter: Reporter): void {
  const text = JSON.stringify(chosen.media['schema'] ?? null);
  for (const other of alternatives) {
    if (other === chosen || JSON.stringify(other.media['schema'] ?? null) === text) continue;
    reporter.loss(other.pointer, {
      rule: 'other-content-type',
      what: `request content type ${other.contentType} not offered`,
      why: `${chosen.contentType} is preferred, and its schema is another`,
      remedy: `remove ${chosen.contentType} with an overlay where the other one is wanted`,
    });
  }
}

interface Content {
  readonly schema: JsonSchema;
  readonly fields?: Readonly<Record<string, FieldEncoding>>;
}

function readContent({ encoding, contentType, media, pointer }: Alternative, scope: Scope): Content {
  const schemaPointer = `${pointer}/schema`;
  switch (encoding) {
    case 'json': {
      const source =
        media['schema'] ?? (isObject(media['itemSchema']) ? { type: 'array', items: media['itemSchema'] } : {});
      return { schema: scope.schemas.read(source, 'request', schemaPointer) };
    }
    case 'binary':
      return { schema: base64Schema(`the bytes of the body (${contentType}), in base64`) };
    case 'text':
    case 'xml': {
      const { schema } = scope.schemas.look(media['schema'], schemaPointer);
      if (schema['type'] === 'string') return { schema: scope.schemas.read(schema, 'request', schemaPointer) };
      if (schema['type'] !== undefined || schema['properties'] !== undefined) {
        scope.reporter.loss(schemaPointer, {
          rule: 'text-body',
          what: 'the structure of the request body',
          why: `a body of type ${contentType} is one text in the arguments`,
          remedy: 'offer application/json too where the service takes it; else callers write the text themselves',
        });
      }
      return { schema: { type: 'string', contentMediaType: contentType } };
    }
    case 'form':
    case 'multipart':
      return readForm(encoding, media, schemaPointer, scope);
  }
}

/** Form and multipart bodies: fields, each with its encoding (OpenAPI 3.1 section 4.8.15). */
function readForm(encoding: 'form' | 'multipart', media: JsonObject, pointer: string, scope: Scope): Content {
  const { schema } = scope.schemas.look(media['schema'], pointer);
  if (schema['type'] === 'string') {
    scope.reporter.loss(pointer, {
      rule: 'text-form',
      what: 'the schema of the request body',
      why: 'it says that a form is a text, and a form has fields',
      remedy: "describe the form's fields as the properties of an object",
    });
    return { schema: { type: 'object' } };
  }
  reportPositions(media, pointer, scope.reporter);
  const found = formFields(media['schema'], pointer, scope);
  const encodings = objectOr(media['encoding']);
  if (encoding === 'multipart') reportPartHeaders(encodings, pointer, scope.reporter);
  const fields: Record<string, FieldEncoding> = {};
  let hasFile = false;
  for (const [name, { schema, pointer: fieldPointer }] of found.properties) {
    reportNestedFormat(schema, `the field ${name}`, fieldPointer, scope.reporter);
    const field = readEncoding(objectOr(own(encodings, name)), encoding === 'multipart' && isFile(schema, scope));
    hasFile ||= field.binary === true;
    if (!scope.schemas.isHidden(schema, 'request')) setOwn(fields, name, field);
  }
  if (!hasFile) return { schema: scope.schemas.read(media['schema'], 'request', pointer), fields };

  // A schema that is shared with others keeps its meaning there; here its files become arguments.
  if (found.isAlternative) {
    scope.reporter.loss(pointer, {
      rule: 'flattened-form',
      what: 'the alternatives of the request body',
      why: 'fields with files are listed in one object',
      remedy: 'describe the fields of the form in one object',
    });
  }
  const properties: Record<string, unknown> = {};
  for (const [name, { schema, pointer: fieldPointer }] of found.properties) {
    if (!Object.hasOwn(fields, name)) continue;
    const isPart = fields[name]!.binary === true;
    setOwn(properties, name, isPart ? fileSchema(schema, scope) : scope.schemas.read(schema, 'request', fieldPointer));
  }
  const required = [...found.required].filter((name) => Object.hasOwn(properties, name));
  return { schema: { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }, fields };
}

/** OpenAPI 3.2: parts without names, told apart by their places. */
function reportPositions(media: JsonObject, pointer: string, reporter: Reporter): void {
  const positions = ['itemSchema', 'prefixEncoding', 'itemEncoding'].filter((name) => media[name] !== undefined);
  if (positions.length === 0) return;
  reporter.loss(pointer, {
    rule: 'unnamed-parts',
    what: `the ${positions.join(', ')} of the request body`,
    why: 'each part is sent by the name of a property',
    remedy:
      'describe the parts as the properties of an object where the service takes names; else callers cannot send them',
  });
}

/** A part's own headers, but for the one that contentType says (OpenAPI 3.1 section 4.8.15). */
function reportPartHeaders(encodings: JsonObject, pointer: string, reporter: Reporter): void {
  for (const [part, encoding] of Object.entries(encodings)) {
    const headers = Object.keys(objectOr(objectOr(encoding)['headers'])).filter(
      (name) => !/^content-type$/i.test(name),
    );
    if (headers.length === 0) continue;
    reporter.loss(pointer, {
      rule: 'part-headers',
      what: `the headers ${headers.join(', ')} of the part ${part}`,
      why: 'a part is sent with its name and its content type alone',
      remedy: 'remove them where the service does without; else callers cannot send them',
    });
  }
}

interface FormFields {
  readonly properties: ReadonlyMap<string, { readonly schema: unknown; readonly pointer: string }>;
  readonly required: ReadonlySet<string>;
  readonly isAlternative: boolean;
}

/** The fields of a form: the schema's own properties, those of its `allOf`, and as optional ones those of its alternatives. */
function formFields(given: unknown, givenPointer: string, scope: Scope): FormFields {
  const properties = new Map<string, { schema: unknown; pointer: string }>();
  const required = new Set<string>();
  let isAlternative = false;
  const seen = new Set<unknown>();
  const visit = (value: unknown, valuePointer: string, isCertain: boolean, depth: number): void => {
    const { schema, pointer } = scope.schemas.look(value, valuePointer);
    if (depth > MAX_COMBINATIONS || seen.has(schema)) return;
    seen.add(schema);
    for (const [name, property] of Object.entries(objectOr(schema['properties']))) {
      if (!properties.has(name)) {
        properties.set(name, { schema: property, pointer: `${pointer}/properties/${escapeToken(name)}` });
      }
    }
    if (isCertain) {
      for (const name of arrayOr(schema['required'])) if (typeof name === 'string') required.add(name);
    }
    arrayOr(schema['allOf']).forEach((member, index) =>
      visit(member, `${pointer}/allOf/${index}`, isCertain, depth + 1),
    );
    for (const keyword of ['anyOf', 'oneOf']) {
      arrayOr(schema[keyword]).forEach((member, index) => {
        isAlternative = true;
        visit(member, `${pointer}/${keyword}/${index}`, false, depth + 1);
      });
    }
  };
  visit(given, givenPointer, true, 0);
  return { properties, required, isAlternative };
}

function readEncoding(encoding: JsonObject, binary: boolean): FieldEncoding {
  const contentType = textOr(encoding['contentType']);
  const style = FIELD_STYLES.includes(encoding['style']) ? (encoding['style'] as ParameterStyle) : undefined;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(style === undefined ? {} : { style }),
    ...(typeof encoding['explode'] === 'boolean' ? { explode: encoding['explode'] } : {}),
    ...(encoding['allowReserved'] === true ? { allowReserved: true as const } : {}),
    ...(binary ? { binary } : {}),
  };
}

/** A file, or a list of files. */
function isFile(given: unknown, scope: Scope): boolean {
  const { schema } = scope.schemas.look(given, '');
  if (isBinary(schema)) return true;
  const isList = schema['type'] === 'array' || isObject(schema['items']);
  return isList && isBinary(scope.schemas.look(schema['items'], '').schema);
}

/** 3.0's `format: binary` is written as `contentMediaType` in 3.1; some documents of 3.1 still have the former. */
function isBinary(schema: JsonObject): boolean {
  const type = schema['type'];
  const isText = type === undefined || type === 'string' || (Array.isArray(type) && type.includes('string'));
  if (!isText || schema['contentEncoding'] !== undefined) return false;
  if (schema['format'] === 'binary') return true;
  const mediaType = textOr(schema['contentMediaType']);
  return mediaType !== undefined && encodingOf(mediaType) === 'binary';
}

function fileSchema(given: unknown, scope: Scope): JsonSchema {
  const { schema } = scope.schemas.look(given, '');
  const description = cleanText(schema['description'], MAX_LENGTH.schema);
  const isList = schema['type'] === 'array' || isObject(schema['items']);
  const file: JsonSchema = {
    anyOf: [
      base64Schema("the file's bytes, in base64"),
      {
        type: 'object',
        properties: {
          data: base64Schema("the file's bytes, in base64"),
          filename: { type: 'string' },
          contentType: { type: 'string', pattern: MEDIA_TYPE },
        },
        required: ['data'],
        additionalProperties: false,
      },
    ],
  };
  const described = isList ? { type: 'array', items: file } : file;
  return description === '' ? described : { ...described, description };
}

function base64Schema(description: string): JsonSchema {
  return { type: 'string', contentEncoding: 'base64', description };
}
