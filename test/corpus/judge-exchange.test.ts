import assert from 'node:assert/strict';

import { anExchange } from './an-exchange.js';
import { judgeExchange } from './judge-exchange.js';

const PROBLEM = 'https://stoplight.io/prism/errors#';
const violation = (place: string, severity: string) => ({
  location: [place, 'query', 'limit'],
  severity,
  code: 'maximum',
  message: 'Request query parameter limit must be <= 100',
});
const header = (...rows: object[]) => ({ 'sl-violations': JSON.stringify(rows) });

describe('what a mock makes of a request', () => {
  const cases: [name: string, answer: Parameters<typeof anExchange>[0], want: string][] = [
    ['accepts with an answer of the document', { answer: { body: { id: 1 } } }, 'accepted'],
    ['accepts with an error that is all that the document has', { answer: { status: 404 } }, 'accepted'],
    [
      'refuses with the answer that the document has for it',
      { answer: { status: 422, headers: header(violation('request', 'Error')) } },
      'refused',
    ],
    [
      'accepts where its own answer breaks the document',
      { answer: { headers: header(violation('response', 'Error')) } },
      'accepted',
    ],
    ['accepts with a warning', { answer: { headers: header(violation('request', 'Warning')) } }, 'accepted'],
    [
      'refuses with violations that are too many for a header',
      { answer: { headers: { 'sl-violations': 'Too many violations! [{"location":["request","query"],"sev' } } },
      'refused',
    ],
    ['refuses without a credential', { answer: { body: { type: `${PROBLEM}UNAUTHORIZED`, detail: '' } } }, 'refused'],
    ['refuses a path', { answer: { body: { type: `${PROBLEM}NO_PATH_MATCHED_ERROR`, detail: '' } } }, 'refused'],
    ['does not answer', { fault: 'connect ECONNREFUSED', answer: { status: 502 } }, 'unanswered'],
    [
      'has a fault of its own',
      { answer: { status: 500, body: { type: `${PROBLEM}SCHEMA_TOO_COMPLEX`, detail: 'x' } } },
      'unanswered',
    ],
  ];
  for (const [name, exchange, want] of cases) {
    it(name, () => assert.equal(judgeExchange(anExchange(exchange)).kind, want));
  }

  it('refuses for errors alone, and not for a warning that stands beside them', () => {
    const row = (severity: string, name: string) => ({ location: ['query', name], severity, code: '', message: '' });
    const validation = [row('Warning', 'old'), row('Error', 'limit')];
    const body = { type: `${PROBLEM}UNPROCESSABLE_ENTITY`, validation };
    const judgement = judgeExchange(anExchange({ answer: { status: 422, body } }));
    assert.ok(judgement.kind === 'refused');
    assert.deepEqual(
      judgement.violations.map(({ location }) => location),
      [['request', 'query', 'limit']],
    );
  });

  it('names where the request breaks the document', () => {
    const validation = [{ location: ['body', 'name'], severity: 'Error', code: 'type', message: 'must be string' }];
    const exchange = anExchange({
      answer: { status: 422, body: { type: `${PROBLEM}UNPROCESSABLE_ENTITY`, validation } },
    });
    const judgement = judgeExchange(exchange);
    assert.ok(judgement.kind === 'refused');
    assert.deepEqual(judgement.violations[0]?.location, ['request', 'body', 'name']);
  });
});
