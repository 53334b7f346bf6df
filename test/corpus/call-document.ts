/**
 * Calls endpoints of one document through the gateway, and has every request judged by a mock of that document. The
 * arguments are the example that describe_endpoint shows, and others drawn from the schema that it shows.
 */

import { readFile, writeFile } from 'node:fs/promises';

import { providerOf } from './documents.js';
import type { Sampler } from './draw-arguments.js';
import { documentFault } from './document-fault.js';
import { judgeExchange, type Violation } from './judge-exchange.js';
import { mockDocument } from './mock-document.js';
import type { JsonObject, OpenApiDocument, OperationAddress } from './openapi-document.js';
import { documentFile } from './place-documents.js';
import { prismLimit, type Refusal } from './prism-limits.js';
import { startPrism } from './prism.js';
import type { ServedCatalogue } from './serve-catalogue.js';
import { spread } from './spread.js';
import type { Exchange, WireTap } from './wire-tap.js';

const PRISM_START_TIMEOUT_MS = 90_000;

export type Verdict =
  | { readonly kind: 'accepted' }
  /** The request breaks the document, or the gateway did not send one though the arguments fit the schema it shows. */
  | { readonly kind: 'refused'; readonly cause: string; readonly exchange?: Exchange }
  /** An error that the gateway does not expect of itself. */
  | { readonly kind: 'crashed'; readonly cause: string }
  | { readonly kind: 'mock-fault'; readonly cause: string }
  | { readonly kind: 'document-fault'; readonly cause: string }
  | { readonly kind: 'sampler-fault'; readonly cause: string };

export interface CalledEndpoint {
  readonly endpoint: string;
  readonly source: 'example' | 'drawn';
  readonly arguments?: JsonObject;
  readonly verdict: Verdict;
}

export interface CalledDocument {
  readonly document: string;
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
  /** At most so many endpoints, spread evenly over the document's. */
  readonly endpoints: number;
  /** How often arguments are drawn for each of them, beside the example. */
  readonly draws: number;
  /** Where the mock's document is written. */
  readonly mockFile: string;
}

/** @throws PrismNotStarted */
export async function callDocument(
  plan: CallPlan,
  served: ServedCatalogue,
  tap: WireTap,
  sampler: Sampler,
): Promise<CalledDocument> {
  const startedMs = performance.now();
  const chosen = spread(served.endpoints(providerOf(plan.document)), plan.endpoints);
  const descriptions: Description[] = [];
  for (const endpoint of chosen) {
    const { answer, isError } = await served.ask('describe_endpoint', { endpoint });
    if (isError) throw new Error(`describe_endpoint ${endpoint}: ${String(answer.message)}`);
    descriptions.push(answer as unknown as Description);
  }
  const document = JSON.parse(await readFile(documentFile(plan.document), 'utf8')) as OpenApiDocument;
  await writeFile(plan.mockFile, JSON.stringify(mockDocument(document, descriptions)));

  const prism = await startPrism(plan.mockFile, PRISM_START_TIMEOUT_MS);
  tap.forwardTo(prism.url);
  try {
    const calls: CalledEndpoint[] = [];
    for (const { endpoint, arguments: schema, example, ...operation } of descriptions) {
      const call = async (source: 'example' | 'drawn', args: JsonObject): Promise<void> => {
        const verdict = await judgedCall({ document, operation, endpoint, arguments: args }, served, tap);
        calls.push({ endpoint, source, arguments: args, verdict });
      };
      await call('example', example);
      for (let draw = 0; draw < plan.draws; draw += 1) {
        const drawn = sampler.draw(schema);
        if ('arguments' in drawn) await call('drawn', drawn.arguments);
        else calls.push({ endpoint, source: 'drawn', verdict: { kind: 'sampler-fault', cause: drawn.fault } });
      }
    }
    const seconds = (performance.now() - startedMs) / 1000;
    return { document: plan.document, endpoints: descriptions.length, calls, seconds };
  } finally {
    tap.forwardTo(undefined);
    prism.stop();
  }
}

async function judgedCall(
  { endpoint, ...asked }: Omit<Refusal, 'exchange'> & { readonly endpoint: string },
  served: ServedCatalogue,
  tap: WireTap,
): Promise<Verdict> {
  tap.take();
  const { answer, isError } = await served.ask('call_api', { endpoint, arguments: asked.arguments });
  const [exchange] = tap.take().slice(-1);
  if (isError && answer.code === 'INTERNAL') return { kind: 'crashed', cause: String(answer.message) };
  if (exchange === undefined) {
    const problems = answer.problems === undefined ? '' : ` ${JSON.stringify(answer.problems)}`;
    return { kind: 'refused', cause: `by the gateway: ${String(answer.code)} ${String(answer.message)}${problems}` };
  }
  const judgement = judgeExchange(exchange);
  return judgement.kind === 'refused' ? explained(judgement.violations, { ...asked, exchange }) : judgement;
}

/** A refusal is another's fault only where every violation in it is. */
function explained(violations: readonly Violation[], refusal: Refusal): Verdict {
  const reasonsBy = (explain: (violation: Violation, refusal: Refusal) => string | undefined) =>
    violations.map((violation) => explain(violation, refusal));
  for (const [kind, explain] of [
    ['document-fault', documentFault],
    ['mock-fault', prismLimit],
  ] as const) {
    const reasons = reasonsBy(explain);
    if (!reasons.includes(undefined)) return { kind, cause: [...new Set(reasons)].join('; ') };
  }
  const causes = violations.map(({ location, message }) => `${location.slice(1).join('.')}: ${message}`);
  return { kind: 'refused', cause: causes.join('; '), exchange: refusal.exchange };
}
