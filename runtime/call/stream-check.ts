/**
 * Tells which records of a stream break the schema that the document gives for it. Documents mean different things by it:
 *
 * - `itemSchema` of OpenAPI 3.2 (section 4.14.4) is about each record. Of server-sent events that is an object of texts,
 *   whose `data` may say by `contentSchema` what is in it; the generator hands it on as the list of such records.
 * - `schema` is about the list of all records where it is one (3.2 again), and before 3.2 mostly about what each record
 *   says; some documents write events with their `data` parsed, and some mean the text as it comes.
 *
 * The invariant: nothing is said of a stream that fits the schema in any of these senses. Nor is it of a record that is no
 * JSON, as of the `[DONE]` by which many streams end; nor of events of a name that the schema does not speak of and that
 * never fit, for pings and errors are seldom documented.
 */

import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';

import type { JsonSchema } from '../../generated/contract.js';
import { compileSchema } from '../catalogue/compile-schema.js';
import { isObject } from '../is-object.js';
import { readAnswer } from '../upstream/read-answer.js';
import { checkPlaces } from './check-places.js';

export interface StreamRecord {
  /** Of a server-sent event what stands in its `data`. */
  readonly text: string;
  /** The JSON value that the text is, or else the text. */
  readonly value: unknown;
  /** Of a server-sent event, where it has them. */
  readonly event?: string;
  readonly id?: string;
}

/** The places that break the schema, those of the record 3 as `[3]/a/b (type)`. */
export type StreamCheck = (records: readonly StreamRecord[], areEvents: boolean) => readonly string[];

/** WHATWG HTML section 9.2.6: what an event is called that is not called anything. */
const UNNAMED = 'message';

type SchemaObject = Exclude<JsonSchema, boolean>;

/** One sense of the schema: what each record is to fit. */
interface Sense {
  readonly fits: ValidateFunction;
  /** Whether the schema speaks of these members of a record. */
  readonly hasData: boolean;
  readonly hasEvent: boolean;
  /** Whether it describes what stands in the text of `data`. Then it does not mean a parsed value there. */
  readonly hasContent: boolean;
}

/**
 * @param schema self-contained.
 * @throws Error where it cannot be compiled
 */
export function streamCheck(schema: JsonSchema): StreamCheck {
  if (typeof schema === 'boolean') return () => [];
  const levels = levelsOf(schema);
  const items = levels.flatMap((level) =>
    isObject(level['items']) ? [{ ...level['items'], $defs: schema['$defs'] ?? {} }] : [],
  );
  const senses = [...items, schema].map(senseOf);
  return (records, areEvents) => {
    const text = records.map((record) => record.text).join('\n');
    let told: readonly string[] | undefined;
    for (const sense of senses) {
      const broken = sense.fits(text) ? [] : brokenBy(sense, records, areEvents);
      if (broken.length === 0) return [];
      told ??= broken.filter(({ isMeant }) => isMeant).flatMap(({ places }) => places);
    }
    return told ?? [];
  };
}

/** A record that breaks a sense of the schema. */
interface Broken {
  readonly places: readonly string[];
  /** Whether the schema is about records of its kind at all. */
  readonly isMeant: boolean;
}

function senseOf(schema: SchemaObject): Sense {
  const levels = levelsOf(schema);
  return {
    fits: compileSchema(schema, { allErrors: true, contentOf }),
    hasData: levels.some((level) => speaksOf(level, 'data')),
    hasEvent: levels.some((level) => speaksOf(level, 'event')),
    hasContent: levels.some(({ properties }) => {
      const data = isObject(properties) && Object.hasOwn(properties, 'data') ? properties['data'] : undefined;
      return isObject(data) && data['contentSchema'] !== undefined;
    }),
  };
}

function brokenBy(sense: Sense, records: readonly StreamRecord[], areEvents: boolean): readonly Broken[] {
  return areEvents ? brokenEvents(sense, records) : brokenValues(sense, records);
}

/** Lines, and texts of a sequence. A string may be no JSON at all. */
function brokenValues({ fits }: Sense, records: readonly StreamRecord[]): readonly Broken[] {
  return records.flatMap(({ value }, index) =>
    typeof value === 'string' || fits(value) ? [] : { places: checkPlaces(fits.errors, `[${index}]`), isMeant: true },
  );
}

function brokenEvents(sense: Sense, records: readonly StreamRecord[]): readonly Broken[] {
  const fitting = new Set<string>();
  const broken = records.flatMap((record, index) => {
    const { value, event = UNNAMED } = record;
    if (typeof value !== 'object' || value === null) return [];
    const errors = eventErrors(sense, record, value);
    if (errors !== undefined) return { event, places: checkPlaces(errors, `[${index}]`) };
    fitting.add(event);
    return [];
  });
  return broken.map(({ event, places }) => {
    return { places, isMeant: sense.hasEvent || event === UNNAMED || fitting.has(event) };
  });
}

/** Undefined where it fits in some form, else what is wrong with the form that fits best. */
function eventErrors(
  { fits, hasData, hasContent }: Sense,
  { text, event, id }: StreamRecord,
  value: object,
): readonly ErrorObject[] | undefined {
  const rest = id === undefined ? {} : { id };
  const names = event === undefined ? [{}, { event: UNNAMED }] : [{ event }];
  const datas = !hasData ? [] : hasContent ? [text] : [text, value];
  const events = datas.flatMap((data) => names.map((name) => ({ ...rest, ...name, data })));
  // A value without `data` would fit a schema that speaks of `data` only by accident.
  const forms = [...events, ...(!hasData || Object.hasOwn(value, 'data') ? [value] : [])];
  let best: readonly ErrorObject[] | undefined;
  for (const form of forms) {
    if (fits(form)) return undefined;
    const errors = fits.errors ?? [];
    if (best === undefined || depthOf(errors) > depthOf(best)) best = errors;
  }
  return best;
}

/** How far into a value one gets before something is wrong. */
function depthOf(errors: readonly ErrorObject[]): number {
  return Math.min(...errors.map(({ instancePath }) => instancePath.split('/').length));
}

/** What a text says that is JSON. */
function contentOf(text: string): unknown {
  const read = readAnswer({ body: Buffer.from(text), contentType: 'application/json' });
  return read.kind === 'json' ? read.value : undefined;
}

/** The schema and what applies to the same value by reference or composition. */
function levelsOf(schema: SchemaObject): readonly SchemaObject[] {
  const definitions = isObject(schema['$defs']) ? schema['$defs'] : {};
  const levels = new Set<SchemaObject>();
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const level = pending.pop();
    if (!isObject(level) || levels.has(level)) continue;
    levels.add(level);
    const { $ref, allOf, anyOf, oneOf } = level;
    const name = typeof $ref === 'string' ? $ref.slice('#/$defs/'.length) : '';
    if (Object.hasOwn(definitions, name)) pending.push(definitions[name]);
    for (const parts of [allOf, anyOf, oneOf]) if (Array.isArray(parts)) pending.push(...(parts as unknown[]));
    pending.push(level['if'], level['then'], level['else']);
  }
  return [...levels];
}

function speaksOf({ properties, required }: SchemaObject, name: string): boolean {
  return (
    (isObject(properties) && Object.hasOwn(properties, name)) || (Array.isArray(required) && required.includes(name))
  );
}
