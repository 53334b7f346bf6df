/**
 * Tells where an answer breaks the schema that the document gives for it. Such an answer is delivered and charged all the
 * same, for upstreams and their documents drift apart: the warning is for the agent that trusts the schema.
 *
 * A schema is compiled once, and those of the last endpoints are kept. Nothing is checked, and nothing said, where that
 * would cost too much: a schema that is too large to compile, an answer that is large, a check that takes too much work.
 */

import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { LRUCache } from 'lru-cache';

import type { JsonSchema, ResponseDescriptor } from '../../generated/contract.js';
import type { LoadedEndpoint } from '../catalogue/catalogue.js';
import { compileSchema, TooMuchWork, withinWork } from '../catalogue/compile-schema.js';
import { selfContainedSchema } from '../catalogue/self-contained-schema.js';
import type { AnswerContent } from '../upstream/read-answer.js';
import { essence } from '../upstream/media-type.js';

/** Characters of an answer. */
const MOST_CHARACTERS_CHECKED = 100_000;
/** Characters of a schema with all that it refers to: of what it takes to compile, some tens of milliseconds at most. */
const MOST_CHARACTERS_COMPILED = 20_000;
/** Of a tenth of a second, about. */
const MOST_WORK = 1_000_000;
const MOST_PLACES = 3;
/** More than these are not looked at. */
const MOST_ERRORS = 100;
const MOST_CHARACTERS_OF_A_PLACE = 100;

/** Of each response its check; `none` where its schema is too large, or none that can be compiled. */
const checks = new LRUCache<ResponseDescriptor, ValidateFunction | 'none'>({ max: 500 });

/** Compiles what the endpoint's answers will be checked by, for whoever has to wait for the first of them anyway. */
export function prepareSchemaCheck(endpoint: LoadedEndpoint): void {
  for (const response of endpoint.descriptor.responses) if (response.schema !== undefined) checkOf(response, endpoint);
}

/** A warning that names the first places, each with the keyword that it breaks; undefined where there is nothing to say. */
export function schemaBreak(endpoint: LoadedEndpoint, status: number, read: AnswerContent): string | undefined {
  if (read.kind !== 'json' || read.text.length > MOST_CHARACTERS_CHECKED) return undefined;
  const response = responseOf(endpoint.descriptor.responses, status);
  if (response?.schema === undefined || !covers(response.contentType, read.contentType)) return undefined;
  const check = checkOf(response, endpoint);
  if (check === 'none') return undefined;
  try {
    if (withinWork(MOST_WORK, () => check(read.value))) return undefined;
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
    return undefined;
  }
  const places = placesOf((check.errors ?? []).slice(0, MOST_ERRORS));
  const more = places.length > MOST_PLACES ? `, and ${places.length - MOST_PLACES} more` : '';
  return `the answer breaks the schema of its document: ${places.slice(0, MOST_PLACES).join(', ')}${more}`;
}

function checkOf(response: ResponseDescriptor, { definitions }: LoadedEndpoint): ValidateFunction | 'none' {
  let check = checks.get(response);
  if (check === undefined) {
    const schema = selfContainedSchema(response.schema ?? true, definitions);
    check = JSON.stringify(schema).length > MOST_CHARACTERS_COMPILED ? 'none' : compile(schema);
    checks.set(response, check);
  }
  return check;
}

function compile(schema: JsonSchema): ValidateFunction | 'none' {
  try {
    return compileSchema(schema, { allErrors: true });
  } catch {
    // What the schema of an answer says was never tried before, and no call is to fail because it makes no sense.
    return 'none';
  }
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

function placesOf(errors: readonly ErrorObject[]): readonly string[] {
  return [...new Set(errors.filter((error, index) => !isOfAlternative(error, errors.slice(index + 1))).map(placeOf))];
}

/** That none of several alternatives fits is told where they are; what each of them lacks would be told before it. */
function isOfAlternative({ instancePath }: ErrorObject, later: readonly ErrorObject[]): boolean {
  return later.some(
    (error) =>
      (error.keyword === 'anyOf' || error.keyword === 'oneOf') &&
      (instancePath === error.instancePath || instancePath.startsWith(`${error.instancePath}/`)),
  );
}

/** A JSON pointer and a keyword. The pointer's names are the upstream's own words, and are kept short and visible. */
function placeOf({ instancePath, keyword, params }: ErrorObject): string {
  const place = keyword === 'required' ? `${instancePath}/${String(params.missingProperty)}` : instancePath;
  const pointer = place.replace(/\p{C}/gu, '?').slice(0, MOST_CHARACTERS_OF_A_PLACE);
  return `${pointer === '' ? 'the whole' : pointer} (${keyword})`;
}
