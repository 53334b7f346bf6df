/** Compares one endpoint of two generations: request, arguments, answers, credentials, price. */

import type { EndpointDescriptor, ProviderDescriptor, ResponseDescriptor, SecurityAlternative } from '../contract.js';
import { byCodePoint } from '../emit/code-point-order.js';
import { toPointer } from '../load/json-pointer.js';
import type { Change, ChangeClass, ChangeKind } from './change.js';
import { comparePrices } from './compare-prices.js';
import { schemaChanges } from './schema-changes.js';
import type { SchemaComparison } from './schema-comparison.js';

export interface PlacedEndpoint {
  readonly endpoint: EndpointDescriptor;
  readonly provider: ProviderDescriptor;
}

/**
 * Never empty where the two differ in a byte: where nothing else did, words changed, or the way in which the endpoint is
 * written down, which no caller sees.
 */
export function compareEndpoints(
  before: PlacedEndpoint,
  after: PlacedEndpoint,
  schemas: SchemaComparison,
): readonly Change[] {
  const [b, a] = [before.endpoint, after.endpoint];
  const changes: Change[] = [];
  const add = (kind: ChangeKind, changeClass: ChangeClass, place: readonly string[], message: string): void => {
    changes.push({ endpoint: a.id, place: toPointer(place), kind, class: changeClass, message });
  };

  if (b.method !== a.method) add('method-changed', 'breaking', [], `${b.method} before, ${a.method} now`);
  if (b.path !== a.path) add('path-changed', 'breaking', [], `${b.path} before, ${a.path} now`);
  if (b.server !== a.server) {
    add('server-changed', 'breaking', [], `${b.server || 'no server'} before, ${a.server || 'no server'} now`);
  }
  const credentials = compareCredentials(before, after);
  if (credentials !== undefined) add('credentials-changed', credentials.class, [], credentials.message);

  changes.push(...schemaChanges(a.id, ['arguments'], 'arguments', schemas.differences(b.arguments, a.arguments)));
  if (requestText(b, a) !== requestText(a, b)) {
    add('request-changed', 'safe', [], 'arguments are sent in another way: a place, style, media type or fixed value');
  }
  changes.push(...compareAnswers(b, a, schemas));

  const price = comparePrices(b.price, a.price);
  if (price !== undefined) add(price.kind, 'priced', [], price.message);
  if (JSON.stringify(b.charge) !== JSON.stringify(a.charge)) {
    add('charging-changed', 'priced', [], `charged on ${chargeText(b)} before, on ${chargeText(a)} now`);
  }
  if (b.deprecated !== a.deprecated) {
    add('deprecated', 'safe', [], a.deprecated === true ? 'deprecated now' : 'deprecated no more');
  }

  // Words change in many places at once, and nobody acts upon one of them: a row an endpoint is enough.
  const others = changes.filter((change) => change.kind !== 'text-changed');
  const isWords = others.length < changes.length || textOf(b, a) !== textOf(a, b);
  if (!isWords && (others.length > 0 || JSON.stringify(b) === JSON.stringify(a))) return others;
  const message = isWords ? 'titles, descriptions or examples are others' : 'written otherwise, to the same effect';
  return [...others, { endpoint: a.id, place: '', kind: 'text-changed', class: 'safe', message }];
}

function compareAnswers(b: EndpointDescriptor, a: EndpointDescriptor, schemas: SchemaComparison): readonly Change[] {
  const changes: Change[] = [];
  const [was, is] = [b, a].map(({ responses }) => new Map(responses.map((response) => [response.status, response])));
  const add = (response: ResponseDescriptor, kind: ChangeKind, changeClass: ChangeClass, message: string): void => {
    changes.push({ endpoint: a.id, place: `/answers/${response.status}`, kind, class: changeClass, message });
  };
  for (const [status, before] of was!) {
    const after = is!.get(status);
    if (after === undefined) {
      add(before, 'answer-removed', isSuccess(before) ? 'breaking' : 'safe', `no answer ${status} any more`);
      continue;
    }
    if (before.contentType !== after.contentType) {
      const detail = `${before.contentType ?? 'no content'} before, ${after.contentType ?? 'no content'} now`;
      add(after, 'content-type-changed', 'breaking', detail);
    }
    if (before.schema !== undefined && after.schema !== undefined) {
      const found = schemas.differences(before.schema, after.schema);
      changes.push(...schemaChanges(a.id, ['answers', status], 'answers', found));
    } else if (before.schema !== undefined) {
      add(after, 'type-widened', 'breaking', 'nothing is said of the content any more');
    } else if (after.schema !== undefined) {
      add(after, 'type-narrowed', 'safe', 'it is said now what the content is');
    }
  }
  for (const [status, after] of is!) {
    // A caller that knows the answers 200 does not know what to make of a 202.
    if (!was!.has(status)) add(after, 'answer-added', isSuccess(after) ? 'breaking' : 'safe', `a new answer ${status}`);
  }
  return changes;
}

/** What is passed on as a result and not as an error; `default` where the document says what it holds. */
function isSuccess(response: ResponseDescriptor): boolean {
  return response.status.startsWith('2') || response.contentType !== undefined;
}

interface CredentialChange {
  readonly class: ChangeClass;
  readonly message: string;
}

/** A way of signing in that is new beside the others asks nothing of those who use another. */
function compareCredentials(before: PlacedEndpoint, after: PlacedEndpoint): CredentialChange | undefined {
  const [was, is] = [before, after].map(
    ({ endpoint, provider }) => new Set(endpoint.security.map((each) => alternativeText(each, provider))),
  );
  if (was!.size === is!.size && [...was!].every((each) => is!.has(each))) return undefined;
  const isKept =
    is!.size === 0 || is!.has(NO_CREDENTIAL) || (was!.size > 0 && [...was!].every((each) => is!.has(each)));
  const [from, to] = [before, after].map(({ endpoint }) => securityWords(endpoint.security));
  return { class: isKept ? 'safe' : 'breaking', message: `${from!} before, ${to!} now` };
}

const NO_CREDENTIAL = '[]';

function alternativeText(alternative: SecurityAlternative, { securitySchemes }: ProviderDescriptor): string {
  const schemes = Object.entries(alternative).sort(([left], [right]) => byCodePoint(left, right));
  return JSON.stringify(
    schemes.map(([name, scopes]) => [
      name,
      Object.hasOwn(securitySchemes, name) ? securitySchemes[name] : null,
      [...scopes].sort(byCodePoint),
    ]),
  );
}

function securityWords(alternatives: readonly SecurityAlternative[]): string {
  const words = alternatives.map((alternative) => Object.keys(alternative).join(' with ') || 'no credential');
  return words.length === 0 ? 'no credential' : words.join(' or ');
}

/**
 * How the arguments that both endpoints have become a request, as a text that does not depend on their order. An argument
 * that only one of them has gets a row of its own.
 */
function requestText({ parameters, body }: EndpointDescriptor, other: EndpointDescriptor): string {
  const names = new Set([...other.parameters.map(({ argument }) => argument), other.body?.argument]);
  const shared = parameters.filter(({ argument }) => argument === undefined || names.has(argument));
  // Whether an argument is required, and its default, the arguments' schema tells.
  const bindings = shared.map((binding) => JSON.stringify({ ...binding, required: undefined, default: undefined }));
  const encoding = body && names.has(body.argument) ? { ...body, required: undefined } : undefined;
  return JSON.stringify([bindings.sort(byCodePoint), encoding]);
}

function chargeText({ charge }: EndpointDescriptor): string {
  return `${charge.on.join(', ')}${charge.voidIf === undefined ? '' : ` unless ${charge.voidIf}`}`;
}

/** Of the answers, what is said of those that the other has too: of the rest there is a row each. */
function textOf(endpoint: EndpointDescriptor, other: EndpointDescriptor): string {
  const { title, summary, description, tags, example } = endpoint;
  const statuses = new Set(other.responses.map((response) => response.status));
  const answers = endpoint.responses.filter((response) => statuses.has(response.status));
  const descriptions = answers.map((response) => [response.status, response.description]);
  return JSON.stringify([title, summary, description, tags, example, descriptions]);
}
