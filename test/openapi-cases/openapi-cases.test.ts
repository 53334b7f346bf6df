import assert from 'node:assert/strict';

import { ANSWERS } from './answers.js';
import { BODIES } from './bodies.js';
import { CREDENTIALS } from './credentials.js';
import { NAMES } from './names.js';
import type { OpenapiCase } from './openapi-case.js';
import { PARAMETERS } from './parameters.js';
import { REFERENCES } from './references.js';
import { ROWS } from './rows.js';
import { SCHEMAS } from './schemas.js';
import { SERVERS } from './servers.js';
import { VERSIONS } from './versions.js';
import { WILD } from './wild.js';
import { startWorkBench, type WorkBench } from './work-bench.js';

const ROOMS = [REFERENCES, SERVERS, PARAMETERS, BODIES, SCHEMAS, NAMES, ANSWERS, CREDENTIALS, VERSIONS, WILD];
const CASES: Readonly<Record<number, OpenapiCase>> = Object.fromEntries(ROOMS.flatMap(Object.entries<OpenapiCase>));

describe('what a document may say', function () {
  this.timeout(300_000);
  let workBench: WorkBench;

  before(async () => {
    workBench = await startWorkBench(CASES);
  });

  after(() => workBench.close());

  for (const { number, subject, expected } of ROWS) {
    it(`case ${String(number)}: ${subject}: ${expected}`, async () => {
      await (CASES[number] ?? assert.fail('this row has no case')).prove(workBench.of(number));
    });
  }

  it('has a row for every case, and counts its rows from 1', () => {
    const proven = ROOMS.flatMap((room) => Object.keys(room).map(Number));
    const numbers = ROWS.map((row) => row.number);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
    assert.deepEqual(
      proven.sort((left, right) => left - right),
      numbers,
    );
  });
});
