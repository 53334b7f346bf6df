import assert from 'node:assert/strict';

import type { CalledEndpoint, Verdict } from './call-document.js';
import { callsReport, reportLines } from './report-calls.js';

const call = (verdict: Verdict): CalledEndpoint => ({ endpoint: 'acme/a', arguments: {}, verdict });
const CALLS: readonly CalledEndpoint[] = [
  ...Array.from({ length: 6 }, () => call({ kind: 'accepted' })),
  call({ kind: 'refused', cause: 'body.a.0: must be text' }),
  call({ kind: 'refused', cause: 'body.b: must be text; body.c: must be text' }),
  call({ kind: 'unanswered', cause: 'it hangs' }),
  call({ kind: 'passed-over', cause: 'document: it contradicts itself' }),
  { endpoint: 'acme/b', verdict: { kind: 'passed-over', cause: 'sampler: no value' } },
];
const REPORT = callsReport({
  seed: 7,
  seconds: 12,
  called: [{ document: 'acme', endpoints: 20, calls: CALLS, seconds: 12 }],
  passedOver: [{ document: 'other', why: 'it has no operation' }],
  unsoundBooks: [],
});

describe('the report of calls', () => {
  it('counts every operation once, and leaves none out', () => {
    assert.deepEqual(REPORT.totals, {
      documents: 1,
      operations: 11,
      passedOver: 2,
      called: 9,
      accepted: 6,
      refused: 2,
      crashed: 0,
      unanswered: 1,
    });
  });

  it('does not count a document of which nothing was called', () => {
    const called = [{ document: 'acme', endpoints: 1, calls: CALLS.slice(-1), seconds: 1 }];
    assert.equal(callsReport({ seed: 7, seconds: 1, called, passedOver: [], unsoundBooks: [] }).totals.documents, 0);
  });

  it('counts causes without the places that only one call has', () => {
    assert.deepEqual(REPORT.causes[0], { kind: 'refused', cause: 'body: must be text', calls: 2, endpoint: 'acme/a' });
  });

  it('takes nothing off the figure: what the mock did not answer counts as what it refused', () => {
    assert.equal(
      reportLines(REPORT).at(-1),
      'seed 7: 6 of 9 requests accepted, 66.67%; 2 of 11 operations passed over; in 12 s',
    );
  });

  it('names why operations were passed over, how many and one of them', () => {
    const rows = reportLines(REPORT).map((line) => line.trim().split(/ {2,}/));
    assert.ok(rows.some((row) => row.join('|') === 'sampler: no value|1|acme/b'));
  });

  it('names the documents that were passed over', () => {
    assert.ok(reportLines(REPORT).includes('passed over other: it has no operation'));
  });
});
