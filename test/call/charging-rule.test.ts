import assert from 'node:assert/strict';

import { applyChargingRule, describeChargingRule } from '../../runtime/call/charging-rule.js';

const CHARGED = { charged: true };
const status = (code: number) => ({ charged: false, reason: `upstream_status_${code}` });
const VOIDED = { charged: false, reason: 'voided_by_answer' };

describe('the charging rule', () => {
  const CASES: readonly (readonly [
    name: string,
    rule: { on: readonly string[]; voidIf?: string },
    status: number,
    body: unknown,
    want: unknown,
  ])[] = [
    ['charges a status of a class', { on: ['2xx'] }, 204, undefined, CHARGED],
    ['reads a class in capitals', { on: ['2XX'] }, 200, {}, CHARGED],
    ['does not charge outside the class', { on: ['2xx'] }, 304, {}, status(304)],
    ['does not charge an error of the caller', { on: ['2xx'] }, 404, {}, status(404)],
    ['does not charge an error of the upstream', { on: ['2xx'] }, 500, {}, status(500)],
    ['charges one status that is named', { on: ['200'] }, 200, {}, CHARGED],
    ['does not charge its neighbour', { on: ['200'] }, 201, {}, status(201)],
    ['charges an error where the rule says so', { on: ['2xx', '404'] }, 404, {}, CHARGED],
    ['takes no pattern for a number', { on: ['20'] }, 200, {}, status(200)],
    ['takes no wildcard beyond a class', { on: ['xxx'] }, 200, {}, status(200)],
    ['charges nothing where nothing is named', { on: [] }, 200, {}, status(200)],
    ['releases an answer with an error in it', { on: ['2xx'], voidIf: 'errors[0]' }, 200, { errors: ['no'] }, VOIDED],
    ['charges where the list of errors is empty', { on: ['2xx'], voidIf: 'errors' }, 200, { errors: [] }, CHARGED],
    ['charges where there is no such field', { on: ['2xx'], voidIf: 'errors[0]' }, 200, { data: 1 }, CHARGED],
    [
      'releases on a comparison that holds',
      { on: ['2xx'], voidIf: "status == 'error'" },
      200,
      { status: 'error' },
      VOIDED,
    ],
    [
      'charges on a comparison that fails',
      { on: ['2xx'], voidIf: "status == 'error'" },
      200,
      { status: 'ok' },
      CHARGED,
    ],
    ['charges an answer that is no JSON', { on: ['2xx'], voidIf: 'errors[0]' }, 200, undefined, CHARGED],
    ['asks an answer that is no JSON nothing', { on: ['2xx'], voidIf: '!ok' }, 200, undefined, CHARGED],
    ['looks at the status first', { on: ['2xx'], voidIf: 'errors[0]' }, 500, { errors: ['no'] }, status(500)],
    ['charges where the rule cannot be evaluated', { on: ['2xx'], voidIf: 'abs(name)' }, 200, { name: 'x' }, CHARGED],
  ];
  for (const [name, rule, code, body, want] of CASES) {
    it(name, () => {
      assert.deepEqual(applyChargingRule(rule, code, body), want);
    });
  }

  it('is told in words', () => {
    assert.equal(
      describeChargingRule({ on: ['2xx', '404'], voidIf: 'errors[0]' }),
      'charged when the upstream answers 2xx, 404, unless `errors[0]` (JMESPath) finds something in the answer; timeouts, failures and refusals cost nothing',
    );
    assert.equal(
      describeChargingRule({ on: ['2xx'] }),
      'charged when the upstream answers 2xx; timeouts, failures and refusals cost nothing',
    );
  });
});
