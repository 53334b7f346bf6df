/**
 * What a document forbids by the way in which it allows it: values that fit its schema but for a slip of the vendor's, by
 * which no value is right, or none that a caller could tell. Ajv finds it from the schema and the value, before anything
 * is sent: the schema refuses the value as it stands, and takes it where the slip alone is mended.
 *
 * It reads a Schema Object of OpenAPI 3.0 or 3.1 as far as that goes; where it cannot, it finds no fault.
 */

import { Ajv2020 } from 'ajv/dist/2020.js';

import { isObject, pointedAt, reachedReferences, type JsonObject, type OpenApiDocument } from './openapi-document.js';

interface Slip {
  readonly fault: string;
  /** The schema as it is meant; the very same where it has no such slip. */
  readonly mend: (schema: JsonObject) => JsonObject;
}

const SLIPS: readonly Slip[] = [
  {
    fault: 'what fits one alternative of its oneOf fits another too, and it wants values that fit one alone',
    mend: (schema) => {
      if (schema.oneOf === undefined) return schema;
      const others = Array.isArray(schema.allOf) ? (schema.allOf as unknown[]) : [];
      const { oneOf, ...rest } = schema;
      return { ...rest, allOf: [...others, { anyOf: oneOf }] };
    },
  },
  {
    fault: 'its enum lists values of another type than stands beside it, so that no value is right',
    mend: (schema) => {
      const { type, enum: values } = schema;
      if (!Array.isArray(values) || typeof type !== 'string' || values.some((value) => isOfType(value, type))) {
        return schema;
      }
      if (type !== 'array') return { ...schema, enum: values.map((value: unknown) => readAs(value, type)) };
      // Beside a list stand the values of its items, one level too high.
      return { ...schema, enum: undefined, items: { ...(isObject(schema.items) ? schema.items : {}), enum: values } };
    },
  },
];

/** Characters of JSON that a schema may reach: to compile more takes Ajv longer than the call. */
const MOST_CHARACTERS = 2_000_000;

/** The fault of the document's for which its schema refuses the value, if there is one. */
export function contradiction(document: OpenApiDocument, schema: unknown, value: unknown): string | undefined {
  const root: Record<string, unknown> = { allOf: [schema] };
  // The shorter ones first: what a longer one points at may be inside of them.
  const references = [...reachedReferences(document, schema)].sort((left, right) => left.length - right.length);
  for (const reference of references) place(root, reference, pointedAt(document, reference));
  if (JSON.stringify(root).length > MOST_CHARACTERS) return undefined;
  const slips = SLIPS.filter((slip) => has(root, slip));
  if (slips.length === 0 || takes(root, slips, value) !== true) return undefined;
  return slips.find(
    (slip) =>
      takes(
        root,
        slips.filter((other) => other !== slip),
        value,
      ) === false,
  )?.fault;
}

/** Whether the schema takes the value with these slips mended; undefined where Ajv cannot compile it. */
function takes(root: JsonObject, slips: readonly Slip[], value: unknown): boolean | undefined {
  const mended = everySchema(root, (schema) => asJsonSchema(slips.reduce((done, { mend }) => mend(done), schema)));
  const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false, unicodeRegExp: false });
  try {
    return ajv.validate(mended as JsonObject, value);
  } catch {
    // Ajv throws over all that a vendor can write into a schema: then it says nothing.
    return undefined;
  }
}

function has(root: JsonObject, { mend }: Slip): boolean {
  let found = false;
  everySchema(root, (schema) => {
    found ||= mend(schema) !== schema;
    return schema;
  });
  return found;
}

/** What holds names and no keywords. */
const MAPS = new Set(['properties', 'patternProperties', 'schemas', '$defs', 'definitions', 'parameters']);
const VALUES = new Set(['enum', 'const', 'default', 'example', 'examples', 'required']);

function everySchema(node: unknown, change: (schema: JsonObject) => JsonObject, isMap = false): unknown {
  if (Array.isArray(node)) return node.map((each) => everySchema(each, change));
  if (!isObject(node)) return node;
  return Object.fromEntries(
    Object.entries(isMap ? node : change(node)).map(([key, inner]) => {
      if (!isMap && VALUES.has(key)) return [key, inner];
      return [key, everySchema(inner, change, !isMap && MAPS.has(key))];
    }),
  );
}

const TYPES = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']);
const DROPPED: ReadonlySet<string> = new Set(['nullable', 'id', '$id', '$schema']);

/** A Schema Object in the words of JSON Schema 2020-12, as a request is seen by it. */
function asJsonSchema(schema: JsonObject): JsonObject {
  const { nullable, type, required, pattern, exclusiveMinimum, exclusiveMaximum } = schema;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const isHidden = (name: string): boolean => {
    const property = properties[name];
    return isObject(property) && property.readOnly === true;
  };
  const read = {
    ...schema,
    type: typeof type === 'string' && !TYPES.has(type) ? undefined : type,
    required: Array.isArray(required) ? required.filter((name: string) => !isHidden(name)) : undefined,
    pattern: typeof pattern === 'string' && isPattern(pattern) ? pattern : undefined,
    exclusiveMinimum: typeof exclusiveMinimum === 'number' ? exclusiveMinimum : undefined,
    exclusiveMaximum: typeof exclusiveMaximum === 'number' ? exclusiveMaximum : undefined,
  };
  const said = Object.entries(read).filter(([key, value]) => value !== undefined && !DROPPED.has(key));
  return nullable === true ? { anyOf: [Object.fromEntries(said), { type: 'null' }] } : Object.fromEntries(said);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  return type === 'null' ? value === null : typeof value === type;
}

/** `"4"` beside `type: number` → 4; what cannot be read stays. */
function readAs(value: unknown, type: string): unknown {
  if (type === 'string') return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  if (typeof value !== 'string') return value;
  if (type === 'boolean') return value === 'true' || (value === 'false' ? false : value);
  return (type === 'number' || type === 'integer') && value.trim() !== '' && isOfType(Number(value), type)
    ? Number(value)
    : value;
}

/** Makes the reference lead to the value in `root`. */
function place(root: Record<string, unknown>, reference: string, value: unknown): void {
  const names = reference
    .slice(2)
    .split('/')
    .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = names.pop();
  let holder = root;
  for (const name of names) {
    const next = (holder[name] ??= {});
    if (typeof next !== 'object') return;
    // What stands here may be the document's own.
    holder = holder[name] = (Array.isArray(next) ? next.slice() : { ...next }) as Record<string, unknown>;
  }
  if (last !== undefined && reference.startsWith('#/')) holder[last] = value;
}
