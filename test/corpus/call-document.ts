/**
 * Calls drawn endpoints of one document through the gateway, each with arguments drawn from the schema that
 * describe_endpoint shows, and has every request judged by a mock of that document.
 */

import { readFile, writeFile } from 'node:fs/promises';

import { createSampler } from './draw-arguments.js';
import { judgeExchange } from './judge-exchange.js';
import { mockDocument, mockPrefix } from './mock-document.js';
import type { JsonObject, OpenApiDocument, OperationAddress } from './openapi-document.js';
import { documentFile } from './place-documents.js';
import { PrismNotStarted, type Prism } from './prism.js';
import { providerOf } from './provider-of.js';
import { randomFrom, seedOf, shuffle } from './random.js';
import { GatewayCrash, type ServedCatalogue } from './serve-catalogue.js';
import { whyUnjudged } from './why-unjudged.js';
import type { Exchange, WireTap } from './wire-tap.js';

export type Verdict =
  | { readonly kind: 'accepted' }
  /** The request breaks the document, or the gateway did not send one though the arguments fit the schema it shows. */
  | { readonly kind: 'refused'; readonly cause: string; readonly exchange?: Exchange }
  /** An error that the gateway does not expect of itself. */
  | { readonly kind: 'crashed'; readonly cause: string }
  /** The mock gave no judgement, by a fault of its own. */
  | { readonly kind: 'unanswered'; readonly cause: string }
  /** Nothing was called: the sampler drew nothing, or what it drew cannot be judged. */
  | { readonly kind: 'passed-over'; readonly cause: string };

export interface CalledEndpoint {
  readonly endpoint: string;
  readonly arguments?: JsonObject;
  readonly verdict: Verdict;
}

export interface CalledDocument {
  readonly document: string;
  /** How many the document has. */
  readonly endpoints: number;
  readonly calls: readonly CalledEndpoint[];
  readonly seconds: number;
}

interface Description extends OperationAddress {
  readonly endpoint: string;
  readonly arguments: JsonObject;
  readonly example: JsonObject;
}

export interface CallPlan {
  readonly document: string;
  /** At most so many of the document's endpoints are called, drawn. */
  readonly most: number;
  readonly seed: number;
  /** Where the mock's document is written. */
  readonly mockFile: string;
}

/** @throws PrismNotStarted, GatewayCrash */
export async function callDocument(
  plan: CallPlan,
  served: ServedCatalogue,
  prism: Prism,
  tap: WireTap,
): Promise<CalledDocument> {
  const startedMs = performance.now();
  const random = randomFrom(seedOf(plan.seed, plan.document));
  const all = served.endpoints(providerOf(plan.document));
  const descriptions: Description[] = [];
  for (const endpoint of shuffle(all, random).slice(0, plan.most)) {
    const { answer, isError } = await served.ask('describe_endpoint', { endpoint });
    if (isError) throw new GatewayCrash(`describe_endpoint ${endpoint}: ${String(answer.message)}`);
    descriptions.push(answer as unknown as Description);
  }
  const document = JSON.parse(await readFile(documentFile(plan.document), 'utf8')) as OpenApiDocument;
  await writeFile(plan.mockFile, JSON.stringify(mockDocument(document, descriptions)));

  let mockUrl: string | undefined = await prism.mock(plan.mockFile);
  try {
    const sampler = createSampler(random);
    const calls: CalledEndpoint[] = [];
    for (const [index, { endpoint, arguments: schema, example, ...operation }] of descriptions.entries()) {
      const drawn = sampler.draw(schema, example);
      if ('fault' in drawn) {
        calls.push({ endpoint, verdict: { kind: 'passed-over', cause: `sampler: ${drawn.fault}` } });
        continue;
      }
      const { arguments: args } = drawn;
      const why = whyUnjudged({ document, operation, arguments: args });
      if (why !== undefined) {
        calls.push({ endpoint, arguments: args, verdict: { kind: 'passed-over', cause: why } });
        continue;
      }
      tap.forwardTo(mockUrl === undefined ? undefined : `${mockUrl}${mockPrefix(index)}`);
      const verdict = await judgedCall(endpoint, args, served, tap);
      calls.push({ endpoint, arguments: args, verdict });
      // What the mock could not answer may have ended it, and the next operations are not to suffer for it.
      if (verdict.kind === 'unanswered') mockUrl = await mockedAgain(plan, prism);
    }
    const seconds = (performance.now() - startedMs) / 1000;
    return { document: plan.document, endpoints: all.length, calls, seconds };
  } finally {
    tap.forwardTo(undefined);
  }
}

/** Undefined where Prism does not load the document again: then all that is left of it is unanswered. */
async function mockedAgain({ mockFile }: CallPlan, prism: Prism): Promise<string | undefined> {
  try {
    return await prism.mock(mockFile);
  } catch (error) {
    if (!(error instanceof PrismNotStarted)) throw error;
    return undefined;
  }
}

async function judgedCall(endpoint: string, args: JsonObject, served: ServedCatalogue, tap: WireTap): Promise<Verdict> {
  await tap.take();
  const { answer, isError } = await served.ask('call_api', { endpoint, arguments: args });
  const [exchange] = (await tap.take()).slice(-1);
  if (isError && answer.code === 'INTERNAL') return { kind: 'crashed', cause: String(answer.message) };
  if (exchange === undefined) {
    const problems = answer.problems === undefined ? '' : ` ${JSON.stringify(answer.problems)}`;
    return { kind: 'refused', cause: `by the gateway: ${String(answer.code)} ${String(answer.message)}${problems}` };
  }
  const judgement = judgeExchange(exchange);
  if (judgement.kind !== 'refused') return judgement;
  const causes = judgement.violations.map(({ location, message }) => `${location.slice(1).join('.')}: ${message}`);
  return { kind: 'refused', cause: causes.join('; '), exchange };
}
