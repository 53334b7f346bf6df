/**
 * Tells where an answer breaks the schema that the document gives for it. Such an answer is delivered and charged all the
 * same, for upstreams and their documents drift apart: the warning is for the agent that trusts the schema. What the schema
 * of a stream says of its records stands in `stream-check.ts`.
 *
 * A schema is compiled once, and those of the last endpoints are kept. Nothing is checked, and nothing said, where that
 * would cost too much: a schema that is too large to compile, an answer that is large, a check that takes too much work.
 */

import { LRUCache } from 'lru-cache';

import type { JsonSchema, ResponseDescriptor } from '../../generated/contract.js';
import type { LoadedEndpoint } from '../catalogue/catalogue.js';
import { compileSchema, TooMuchWork, withinWork } from '../catalogue/compile-schema.js';
import { selfContainedSchema } from '../catalogue/self-contained-schema.js';
import type { AnswerContent } from '../upstream/read-answer.js';
import { essence } from '../upstream/media-type.js';
import { isEvents, isStream, recordReader } from '../upstream/records.js';
import { checkPlaces } from './check-places.js';
import { streamCheck, type StreamRecord } from './stream-check.js';

/** Characters of an answer; of a stream, those of the records that are checked. */
const MOST_CHARACTERS_CHECKED = 100_000;
const MOST_RECORDS_CHECKED = 1_000;
/** Characters of a schema with all that it refers to: no more than compile within some tens of milliseconds. */
const MOST_CHARACTERS_COMPILED = 20_000;
/** About a tenth of a second. */
const MOST_WORK = 1_000_000;
const MOST_PLACES = 3;

/** The places at which an answer breaks its schema; none where there is nothing to say. */
type Check = (read: AnswerContent) => readonly string[];

const UNCHECKED: Check = () => [];

/** What the document says of an answer. */
type Documented = Pick<ResponseDescriptor, 'contentType' | 'schema'>;

/** Of JSON and of streams: a range of media types may be either. */
const checks = {
  json: new LRUCache<Documented, Check>({ max: 500 }),
  stream: new LRUCache<Documented, Check>({ max: 500 }),
};

/** Compiles what the endpoint's answers will be checked by, for whoever has to wait for the first of them anyway. */
export function prepareSchemaCheck(endpoint: LoadedEndpoint): void {
  for (const response of endpoint.descriptor.responses) {
    for (const documented of [response, response.stream]) {
      if (documented?.schema !== undefined) checkOf(documented, endpoint, documented.contentType ?? '');
    }
  }
}

/** A warning that names the first places, each with the keyword that it breaks; undefined where there is nothing to say. */
export function schemaBreak(endpoint: LoadedEndpoint, status: number, read: AnswerContent): string | undefined {
  if (read.kind !== 'json' && read.kind !== 'stream') return undefined;
  const response = responseOf(endpoint.descriptor.responses, status);
  const documented = [response, response?.stream].find((each) => covers(each?.contentType, read.contentType));
  if (documented?.schema === undefined) return undefined;
  const check = checkOf(documented, endpoint, read.contentType);
  let places: readonly string[];
  try {
    places = withinWork(MOST_WORK, () => check(read));
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
    return undefined;
  }
  if (places.length === 0) return undefined;
  const more = places.length > MOST_PLACES ? `, and ${places.length - MOST_PLACES} more` : '';
  return `the answer breaks the schema of its document: ${places.slice(0, MOST_PLACES).join(', ')}${more}`;
}

function checkOf(documented: Documented, { definitions }: LoadedEndpoint, contentType: string): Check {
  const kept = isStream(contentType) ? checks.stream : checks.json;
  let check = kept.get(documented);
  if (check === undefined) {
    const schema = selfContainedSchema(documented.schema ?? true, definitions);
    check = JSON.stringify(schema).length > MOST_CHARACTERS_COMPILED ? UNCHECKED : compile(schema, contentType);
    kept.set(documented, check);
  }
  return check;
}

function compile(schema: JsonSchema, contentType: string): Check {
  try {
    return isStream(contentType) ? checkOfStream(schema) : checkOfJson(schema);
  } catch {
    // Nothing has tried the schemas of answers before, and no call may fail because one of them makes no sense.
    return UNCHECKED;
  }
}

function checkOfJson(schema: JsonSchema): Check {
  const fits = compileSchema(schema, { allErrors: true });
  return (read) => {
    if (read.kind !== 'json' || read.text.length > MOST_CHARACTERS_CHECKED || fits(read.value)) return [];
    return checkPlaces(fits.errors);
  };
}

function checkOfStream(schema: JsonSchema): Check {
  const check = streamCheck(schema);
  return (read) => (read.kind === 'stream' ? check(firstRecords(read), isEvents(read.contentType)) : []);
}

/** The records that are checked, with the fields of events, which expressions have no use for. */
function firstRecords({ records = [], text, contentType }: Extract<AnswerContent, { kind: 'stream' }>): StreamRecord[] {
  const found: StreamRecord[] = [];
  const reader = recordReader(contentType, (record, { event, id }) => {
    const index = found.length;
    if (index === MOST_RECORDS_CHECKED || index >= records.length) return;
    const fields = { ...(event === undefined ? {} : { event }), ...(id === undefined ? {} : { id }) };
    found.push({ text: record, value: records[index], ...fields });
  });
  reader.feed(text.slice(0, MOST_CHARACTERS_CHECKED));
  // A record that was cut is none.
  if (text.length <= MOST_CHARACTERS_CHECKED) reader.end();
  return found;
}

/** The nearest of the document's words: the status itself, its class, the default (OpenAPI 3.1 section 4.8.16). */
function responseOf(responses: readonly ResponseDescriptor[], status: number): ResponseDescriptor | undefined {
  const named = (name: string): ResponseDescriptor | undefined =>
    responses.find((response) => response.status === name);
  return named(String(status)) ?? named(`${String(status)[0]}XX`) ?? named('default');
}

/** Whether a media type of the document, which may be a range, is that of the answer. */
function covers(documented: string | undefined, received: string): boolean {
  if (documented === undefined) return false;
  const [range, type] = [essence(documented), essence(received)];
  return range === type || range === '*/*' || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}
