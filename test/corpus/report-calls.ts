/**
 * What came of the calls, for people and as JSON: each call that was not accepted with its cause and what it takes to find
 * it, the causes counted, what was passed over and why, and the figure. The figure is that of all that was called,
 * whoever is at fault: nothing is taken off it.
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
  /** Operations that were not called, since nothing could be drawn for them or what was drawn cannot be judged. */
  readonly passedOver: number;
  readonly called: number;
  readonly accepted: number;
  readonly refused: number;
  readonly crashed: number;
  readonly unanswered: number;
}

/** The report as JSON: what was on the wire as text, one character a byte. */
export function asJson(report: CallsReport): string {
  const text = (key: string, value: unknown): unknown =>
    key === 'body' && isObject(value) && value.type === 'Buffer'
      ? Buffer.from(value.data as number[]).toString('latin1')
      : value;
  return `${JSON.stringify(report, text, 2)}\n`;
}

interface Cause {
  readonly kind: Verdict['kind'];
  readonly cause: string;
  readonly calls: number;
  /** The first of them. */
  readonly endpoint: string;
}

export interface CallsReport {
  readonly seed: number;
  readonly seconds: number;
  readonly totals: Totals;
  /** Of what was not accepted, and of what was not called. */
  readonly causes: readonly Cause[];
  readonly passedOver: readonly PassedOver[];
  readonly unsoundBooks: readonly string[];
  readonly called: readonly CalledDocument[];
}

export function callsReport(run: Omit<CallsReport, 'totals' | 'causes'>): CallsReport {
  const calls = run.called.flatMap((document) => document.calls);
  return { ...run, totals: totalsOf(run.called), causes: causesOf(calls) };
}

export function reportLines({ seed, seconds, totals, causes, ...run }: CallsReport): readonly string[] {
  const { documents, operations, passedOver, called, accepted, refused, crashed, unanswered } = totals;
  const rows = (isListed: (cause: Cause) => boolean): readonly [string, number, string][] =>
    causes.filter(isListed).map(({ kind, cause, calls, endpoint }) => {
      return [kind === 'passed-over' ? cause : `${kind}: ${cause}`, calls, endpoint];
    });
  return [
    '',
    ...table(
      ['passed over, since it cannot be judged', 'operations', 'such as'],
      rows(({ kind }) => kind === 'passed-over'),
    ),
    '',
    ...table(
      ['not accepted', 'calls', 'such as'],
      rows(({ kind }) => kind !== 'passed-over'),
    ),
    '',
    ...run.passedOver.map(({ document, why }) => `passed over ${document}: ${why}`),
    run.unsoundBooks.length === 0
      ? 'the books are sound'
      : `the books are NOT sound:\n  ${run.unsoundBooks.join('\n  ')}`,
    '',
    ...table(
      ['documents', 'operations', 'passed over', 'called', 'accepted', 'refused', 'crashed', 'unanswered'],
      [[documents, operations, passedOver, called, accepted, refused, crashed, unanswered]],
    ),
    `seed ${seed}: ${accepted} of ${called} requests accepted, ${percent(accepted, called)}; ` +
      `${passedOver} of ${operations} operations passed over; in ${seconds.toFixed(0)} s`,
  ];
}

export function totalsOf(documents: readonly CalledDocument[]): Totals {
  const calls = documents.flatMap((document) => document.calls);
  const count = (kind: Verdict['kind']): number => calls.filter(({ verdict }) => verdict.kind === kind).length;
  const passedOver = count('passed-over');
  return {
    documents: documents.filter(isCalled).length,
    operations: calls.length,
    passedOver,
    called: calls.length - passedOver,
    accepted: count('accepted'),
    refused: count('refused'),
    crashed: count('crashed'),
    unanswered: count('unanswered'),
  };
}

/** Whether any of the document's operations was called. */
function isCalled({ calls }: CalledDocument): boolean {
  return calls.some(({ verdict }) => verdict.kind !== 'passed-over');
}

/** The most frequent first. What a cause names of one call alone, such as a place in its body, is left out. */
function causesOf(calls: readonly CalledEndpoint[]): CallsReport['causes'] {
  const counted = new Map<string, { kind: Verdict['kind']; cause: string; calls: number; endpoint: string }>();
  for (const { endpoint, verdict } of calls) {
    if (verdict.kind === 'accepted') continue;
    const cause = verdict.kind === 'refused' ? kindOf(verdict.cause) : verdict.cause;
    const key = `${verdict.kind} ${cause}`;
    const known = counted.get(key);
    if (known === undefined) counted.set(key, { kind: verdict.kind, cause, calls: 1, endpoint });
    else known.calls += 1;
  }
  return [...counted.values()].sort((left, right) => right.calls - left.calls);
}

function kindOf(cause: string): string {
  return [...new Set(cause.split('; ').map((part) => part.replace(/^(path|query|header|body|cookie)\.[^:]*/, '$1')))]
    .join('; ')
    .slice(0, 160);
}

/** A call that was not accepted or not made, with its cause; one that was sent with its arguments and the bytes on the wire. */
export function faultLines({ endpoint, arguments: args, verdict }: CalledEndpoint): readonly string[] {
  if (verdict.kind === 'accepted') return [];
  const title = `${verdict.kind} ${endpoint}: ${verdict.cause}`;
  if (args === undefined) return [title];
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
