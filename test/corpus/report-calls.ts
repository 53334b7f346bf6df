/** What came of the calls, for people: a row for each document, and each fault with what it takes to find it. */

import type { CalledDocument, CalledEndpoint, Verdict } from './call-document.js';
import { table } from './table.js';
import type { Exchange } from './wire-tap.js';

export interface Tally {
  readonly accepted: number;
  readonly refused: number;
  readonly crashed: number;
  readonly mockFaults: number;
  readonly documentFaults: number;
  readonly samplerFaults: number;
}

export function tally(calls: readonly CalledEndpoint[]): Tally {
  const count = (kind: Verdict['kind']): number => calls.filter(({ verdict }) => verdict.kind === kind).length;
  return {
    accepted: count('accepted'),
    refused: count('refused'),
    crashed: count('crashed'),
    mockFaults: count('mock-fault'),
    documentFaults: count('document-fault'),
    samplerFaults: count('sampler-fault'),
  };
}

export function callLines(documents: readonly CalledDocument[]): readonly string[] {
  const head = [
    'document',
    'endpoints',
    'calls',
    'accepted',
    'refused',
    'crashed',
    'mock faults',
    'document faults',
    'not drawn',
    'seconds',
  ];
  const row = (name: string, endpoints: number, calls: readonly CalledEndpoint[], seconds: number) => {
    const { accepted, refused, crashed, mockFaults, documentFaults, samplerFaults } = tally(calls);
    const sent = calls.length - samplerFaults;
    return [
      name,
      endpoints,
      sent,
      accepted,
      refused,
      crashed,
      mockFaults,
      documentFaults,
      samplerFaults,
      seconds.toFixed(1),
    ];
  };
  return table(head, [
    ...documents.map(({ document, endpoints, calls, seconds }) => row(document, endpoints, calls, seconds)),
    row(
      'all',
      documents.reduce((sum, document) => sum + document.endpoints, 0),
      documents.flatMap((document) => document.calls),
      documents.reduce((sum, document) => sum + document.seconds, 0),
    ),
  ]);
}

/** Every call that was not accepted, with its cause; a refused one with its arguments and the bytes on the wire. */
export function faultLines(documents: readonly CalledDocument[]): readonly string[] {
  return documents.flatMap(({ calls }) =>
    calls.flatMap(({ endpoint, source, arguments: args, verdict }) => {
      if (verdict.kind === 'accepted') return [];
      const title = `${verdict.kind} ${endpoint} (${source}): ${verdict.cause}`;
      if (verdict.kind !== 'refused') return [title];
      const shown = [title, `    arguments ${clip(JSON.stringify(args))}`];
      return verdict.exchange === undefined ? shown : [...shown, ...wireLines(verdict.exchange)];
    }),
  );
}

function wireLines({ method, target, headers, body }: Exchange): readonly string[] {
  const type = headers['content-type'] === undefined ? '' : ` (${headers['content-type']})`;
  return [
    `    sent ${method} ${clip(target)}`,
    ...(body.length === 0 ? [] : [`    body${type} ${clip(JSON.stringify(body.toString('latin1')))}`]),
  ];
}

function clip(text: string): string {
  return text.length <= 600 ? text : `${text.slice(0, 600)}… (${text.length} characters)`;
}
