import assert from 'node:assert/strict';

import type { CalledEndpoint, Verdict } from './call-document.js';
import { callsReport, reportLines } from './report-calls.js';

const call = (verdict: Verdict): CalledEndpoint => ({ endpoint: 'acme/a', arguments: {}, verdict });
const CALLS: readonly CalledEndpoint[] = [
  ...Array.from({ length: 6 }, () => call({ kind: 'accepted' })),
  call({ kind: 'refused', cause: 'body.a.0: must be text' }),
  call({ kind: 'refused', cause: 'body.b: must be text; body.c: must be text' }),
  call({ kind: 'mock-fault', cause: 'it hangs' }),
  call({ kind: 'document-fault', cause: 'it contradicts itself' }),
  call({ kind: 'not-drawn', cause: 'no value' }),
];
const REPORT = callsReport({
  seed: 7,
  seconds: 12,
  called: [{ document: 'acme', endpoints: 20, calls: CALLS, seconds: 12 }],
  passedOver: [{ document: 'other', why: 'it has no operation' }],
  unsoundBooks: [],
});

describe('the report of calls', () => {
  it('counts every call once, and leaves none out', () => {
    assert.deepEqual(REPORT.totals, {
      documents: 1,
      operations: 11,
      notDrawn: 1,
      sent: 10,
      accepted: 6,
      refused: 2,
      crashed: 0,
      mockFaults: 1,
      documentFaults: 1,
    });
  });

  it('counts causes without the places that only one call has', () => {
    assert.deepEqual(REPORT.causes[0], { kind: 'refused', cause: 'body: must be text', calls: 2 });
  });

  it('says the figure of all that was sent first, then the one without the faults of others', () => {
    assert.match(
      reportLines(REPORT).at(-1)!,
      /^seed 7: 6 of 10 requests accepted, 60\.00%; .* 6 of 8, 75\.00%; in 12 s$/,
    );
  });

  it('names the documents that were passed over', () => {
    assert.ok(reportLines(REPORT).includes('passed over other: it has no operation'));
  });
});
