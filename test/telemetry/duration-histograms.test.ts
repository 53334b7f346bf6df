import assert from 'node:assert/strict';

import { Registry } from 'prom-client';

import { DurationHistograms } from '../../runtime/telemetry/duration-histograms.js';

describe('a histogram of durations', () => {
  it('is written out as Prometheus has them: cumulated buckets, sum and count, for each label', async () => {
    const registry = new Registry();
    const histograms = new DurationHistograms({ name: 'took_seconds', help: 'Took.', labelName: 'stage', registry });
    for (const milliseconds of [0.5, 0.6, 4, 5, 40_000]) histograms.observe('hold', milliseconds);
    histograms.observe('settle', 1);
    const text = await registry.metrics();
    const value = (line: string) => new RegExp(`^took_seconds_${line} (\\S+)$`, 'm').exec(text)?.[1];
    assert.match(text, /^# TYPE took_seconds histogram$/m);
    assert.deepEqual(
      ['0.0005', '0.001', '0.0025', '0.005', '30', '\\+Inf'].map((le) => value(`bucket{le="${le}",stage="hold"}`)),
      ['1', '2', '2', '4', '4', '5'],
    );
    assert.equal(value('count{stage="hold"}'), '5');
    assert.equal(Number(value('sum{stage="hold"}')).toFixed(4), '40.0101');
    assert.equal(value('count{stage="settle"}'), '1');
  });
});
