/**
 * What came of the calls, for people and as JSON: each call that was not accepted with its cause and what it takes to find
 * it, the causes counted, and the figure. The figure is that of all requests, whoever is at fault; the one without the
 * faults of others stands beside it.
 */

import type { CalledDocument, CalledEndpoint, Verdict } from './call-document.js';
import { isObject } from './openapi-document.js';
import { table } from './table.js';
import type { Exchange } from './wire-tap.js';

/** A document of the sample that could not be called at all. */
export interface PassedOver {
  readonly document: string;
  readonly why: string;
}

export interface Totals {
  readonly documents: number;
  readonly operations: number;
  /** Operations without arguments that could be drawn: nothing was sent for them. */
  readonly notDrawn: number;
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  readonly crashed: number;
  readonly mockFaults: number;
  readonly documentFaults: number;
}

/** The report as JSON: what was on the wire as text, one character a byte. */
export function asJson(report: CallsReport): string {
  const text = (key: string, value: unknown): unknown =>
    key === 'body' && isObject(value) && value.type === 'Buffer'
      ? Buffer.from(value.data as number[]).toString('latin1')
      : value;
  return `${JSON.stringify(report, text, 2)}\n`;
}

export interface CallsReport {
  readonly seed: number;
  readonly seconds: number;
  readonly totals: Totals;
  readonly causes: readonly { readonly kind: Verdict['kind']; readonly cause: string; readonly calls: number }[];
  readonly passedOver: readonly PassedOver[];
  readonly unsoundBooks: readonly string[];
  readonly called: readonly CalledDocument[];
}

export function callsReport(run: Omit<CallsReport, 'totals' | 'causes'>): CallsReport {
  const calls = run.called.flatMap((document) => document.calls);
  return { ...run, totals: totalsOf(run.called.length, calls), causes: causesOf(calls) };
}

export function reportLines({ seed, seconds, totals, causes, ...run }: CallsReport): readonly string[] {
  const { documents, operations, notDrawn, sent, accepted, refused, crashed, mockFaults, documentFaults } = totals;
  const blameless = sent - mockFaults - documentFaults;
  return [
    '',
    ...table(
      ['cause', 'calls'],
      causes.map(({ kind, cause, calls }) => [`${kind}: ${cause}`, calls]),
    ),
    '',
    ...run.passedOver.map(({ document, why }) => `passed over ${document}: ${why}`),
    run.unsoundBooks.length === 0
      ? 'the books are sound'
      : `the books are NOT sound:\n  ${run.unsoundBooks.join('\n  ')}`,
    '',
    ...table(
      ['documents', 'operations', 'not drawn', 'sent', 'accepted', 'refused', 'crashed', 'mock', 'document'],
      [[documents, operations, notDrawn, sent, accepted, refused, crashed, mockFaults, documentFaults]],
    ),
    `seed ${seed}: ${accepted} of ${sent} requests accepted, ${percent(accepted, sent)}; without what is a fault of the mock ` +
      `or of the document alone ${accepted} of ${blameless}, ${percent(accepted, blameless)}; in ${seconds.toFixed(0)} s`,
  ];
}

function totalsOf(documents: number, calls: readonly CalledEndpoint[]): Totals {
  const count = (kind: Verdict['kind']): number => calls.filter(({ verdict }) => verdict.kind === kind).length;
  const notDrawn = count('not-drawn');
  return {
    documents,
    operations: calls.length,
    notDrawn,
    sent: calls.length - notDrawn,
    accepted: count('accepted'),
    refused: count('refused'),
    crashed: count('crashed'),
    mockFaults: count('mock-fault'),
    documentFaults: count('document-fault'),
  };
}

/** The most frequent first. What a cause names of one call alone, such as a place in its body, is left out. */
function causesOf(calls: readonly CalledEndpoint[]): CallsReport['causes'] {
  const counted = new Map<string, { kind: Verdict['kind']; cause: string; calls: number }>();
  for (const { verdict } of calls) {
    if (verdict.kind === 'accepted') continue;
    const cause = verdict.kind === 'refused' ? kindOf(verdict.cause) : verdict.cause;
    const key = `${verdict.kind} ${cause}`;
    const known = counted.get(key);
    if (known === undefined) counted.set(key, { kind: verdict.kind, cause, calls: 1 });
    else known.calls += 1;
  }
  return [...counted.values()].sort((left, right) => right.calls - left.calls);
}

function kindOf(cause: string): string {
  return [...new Set(cause.split('; ').map((part) => part.replace(/^(path|query|header|body|cookie)\.[^:]*/, '$1')))]
    .join('; ')
    .slice(0, 160);
}

/** A call that was not accepted, with its cause; one that was sent with its arguments and the bytes on the wire. */
export function faultLines({ endpoint, arguments: args, verdict }: CalledEndpoint): readonly string[] {
  if (verdict.kind === 'accepted') return [];
  const title = `${verdict.kind} ${endpoint}: ${verdict.cause}`;
  if (verdict.kind === 'not-drawn') return [title];
  const shown = [title, `    arguments ${clip(JSON.stringify(args))}`];
  return 'exchange' in verdict && verdict.exchange !== undefined ? [...shown, ...wireLines(verdict.exchange)] : shown;
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

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)}%`;
}
