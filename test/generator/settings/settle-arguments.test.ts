import assert from 'node:assert/strict';
import { Findings } from '../../../generator/report/findings.js';
import { overrideServer } from '../../../generator/settings/override-server.js';
import { selectOperations } from '../../../generator/settings/select-operations.js';
import { settleArguments } from '../../../generator/settings/settle-arguments.js';
import type { OperationMatch, Settings } from '../../../generator/settings/settings.js';
import { anOperation, located } from '../an-operation.js';

const query = { in: 'query', required: false, style: 'form', explode: true } as const;
const withParameters = anOperation({
  arguments: {
    type: 'object',
    properties: { per_page: { type: 'integer' }, x_debug: { type: 'string' }, q: { type: 'string' } },
    required: ['q'],
    additionalProperties: false,
  },
  parameters: [
    { argument: 'per_page', name: 'per_page', ...query, default: 10 },
    { argument: 'x_debug', name: 'X-Debug', ...query, in: 'header', style: 'simple' },
    { argument: 'q', name: 'q', ...query, required: true },
  ],
  example: { per_page: 10, q: 'cat' },
});
const withBody = anOperation({
  method: 'POST',
  arguments: {
    type: 'object',
    properties: { body: { $ref: '#/$defs/Order' } },
    required: ['body'],
    additionalProperties: false,
  },
  body: { argument: 'body', required: true, contentType: 'application/json', encoding: 'json' },
  example: { body: { stream: true, item: 'x' } },
});
const definitions = {
  Order: {
    type: 'object',
    properties: { stream: { type: 'boolean' }, item: { type: 'string' }, note: { type: 'string' } },
    required: ['stream', 'item'],
  },
};

function settle(operation: typeof withBody, argumentsSettings: Settings['arguments']) {
  const findings = new Findings();
  const [settled] = settleArguments(
    [operation],
    definitions,
    located({ arguments: argumentsSettings ?? {} }),
    'pets',
    findings,
  );
  assert.ok(settled);
  return { settled, findings };
}

describe('arguments.fixed', () => {
  it('takes a parameter out of the schema and the example, and keeps its value in the binding', () => {
    const { settled } = settle(withParameters, { fixed: { per_page: 30 } });
    assert.deepEqual(settled.arguments, {
      type: 'object',
      properties: { x_debug: { type: 'string' }, q: { type: 'string' } },
      required: ['q'],
      additionalProperties: false,
    });
    assert.deepEqual(settled.parameters[0], { name: 'per_page', ...query, fixed: 30 });
    assert.deepEqual(settled.example, { q: 'cat' });
  });

  it('takes a required parameter out of what is required', () => {
    const { settled } = settle(withParameters, { fixed: { q: 'dog' } });
    assert.deepEqual((settled.arguments as { required: unknown }).required, []);
  });

  it('finds a header by its name on the wire, whatever the letter case', () => {
    const { settled } = settle(withParameters, { fixed: { 'x-debug': 'on' } });
    assert.equal(settled.parameters[1]?.fixed, 'on');
  });

  it('takes a property out of a body behind a reference, and leaves the shared definition alone', () => {
    const { settled } = settle(withBody, { fixed: { stream: false } });
    assert.deepEqual((settled.arguments as { properties: unknown }).properties, {
      body: {
        type: 'object',
        properties: { item: { type: 'string' }, note: { type: 'string' } },
        required: ['item'],
      },
    });
    assert.deepEqual(settled.body?.fixed, { stream: false });
    assert.deepEqual(settled.example, { body: { item: 'x' } });
    assert.deepEqual(definitions.Order.required, ['stream', 'item']);
  });

  it('reaches a property inside of an allOf', () => {
    const operation = {
      ...withBody,
      arguments: { type: 'object', properties: { body: { allOf: [{ $ref: '#/$defs/Order' }, { type: 'object' }] } } },
    };
    const { settled } = settle(operation, { fixed: { stream: false } });
    assert.deepEqual((settled.arguments as { properties: unknown }).properties, {
      body: {
        allOf: [
          {
            type: 'object',
            properties: { item: { type: 'string' }, note: { type: 'string' } },
            required: ['item'],
          },
          { type: 'object' },
        ],
      },
    });
  });

  it('takes __proto__ for a name like any other', () => {
    const fixed = JSON.parse('{"__proto__": 1}') as Record<string, unknown>;
    const { findings } = settle(withBody, { fixed });
    assert.equal(findings.warnings[0]?.message, 'no operation has an argument "__proto__"');
  });

  it('warns of a name that nothing has, with the nearest that something has', () => {
    const { findings } = settle(withParameters, { fixed: { perpage: 1 } });
    assert.deepEqual(
      findings.warnings.map(({ rule, pointer, remedy }) => [rule, pointer, remedy]),
      [['argument-unknown', '/arguments/fixed/perpage', 'did you mean "per_page"?']],
    );
  });

  const MISFITS: [name: string, operation: typeof withBody, fixed: Record<string, unknown>, message: string][] = [
    [
      'a text for a number',
      withParameters,
      { per_page: 'thirty' },
      'the fixed value "thirty" of "per_page" does not fit GET /pets, which takes {"type":"integer"}',
    ],
    [
      'a number that JSON does not have',
      withParameters,
      { per_page: Infinity },
      'the fixed value Infinity of "per_page" does not fit GET /pets, which takes {"type":"integer"}',
    ],
    [
      'a text for a truth value of the body',
      withBody,
      { stream: 'no' },
      'the fixed value "no" of "stream" does not fit POST /pets, which takes {"type":"boolean"}',
    ],
    [
      'a number for a text of the body',
      withBody,
      { item: 7 },
      'the fixed value 7 of "item" does not fit POST /pets, which takes {"type":"string"}',
    ],
  ];
  for (const [name, operation, fixed, message] of MISFITS) {
    it(`refuses ${name}`, () => {
      const { findings } = settle(operation, { fixed });
      assert.deepEqual(
        findings.refused.map((row) => [row.rule, row.message]),
        [['fixed-misfit', message]],
      );
    });
  }

  it('takes a number for a text outside of the body, where both are sent alike', () => {
    const { settled, findings } = settle(withParameters, { fixed: { q: 7 } });
    assert.deepEqual(findings.refused, []);
    assert.equal(settled.parameters[2]?.fixed, 7);
  });

  it('refuses a misfit once, however many operations it misfits', () => {
    const findings = new Findings();
    const settings = located({ arguments: { fixed: { per_page: 'x' } } });
    settleArguments([withParameters, withParameters], definitions, settings, 'pets', findings);
    assert.equal(findings.refused.length, 1);
  });
});

describe('arguments.hidden', () => {
  it('removes an optional parameter for good', () => {
    const { settled } = settle(withParameters, { hidden: ['x_debug'] });
    assert.deepEqual(
      settled.parameters.map((binding) => binding.name),
      ['per_page', 'q'],
    );
    assert.equal('x_debug' in (settled.arguments as { properties: object }).properties, false);
  });

  it('removes an optional property of the body', () => {
    const { settled, findings } = settle(withBody, { hidden: ['note'] });
    assert.deepEqual(findings.refused, []);
    assert.equal(JSON.stringify(settled.arguments).includes('note'), false);
    assert.equal(settled.body?.fixed, undefined);
  });

  for (const [kind, operation, name] of [
    ['parameter', withParameters, 'q'],
    ['property of the body', withBody, 'item'],
  ] as const) {
    it(`refuses to hide a required ${kind}`, () => {
      const { findings } = settle(operation, { hidden: [name] });
      assert.deepEqual(
        findings.refused.map(({ rule, pointer, remedy }) => [rule, pointer, remedy]),
        [['hidden-required', '/arguments/hidden/0', 'give it a value under arguments.fixed instead']],
      );
    });
  }
});

describe('operations.include and operations.exclude', () => {
  const operations = [
    anOperation({ operation: 'a', operationId: 'a', tags: ['x'], pointer: '/a' }),
    anOperation({ operation: 'b', operationId: 'b', tags: ['x', 'y'], pointer: '/b' }),
    anOperation({ operation: 'c', operationId: 'c', tags: [], pointer: '/c' }),
  ];
  const CASES: [name: string, settings: Settings['operations'], own: Record<string, boolean>, want: string[]][] = [
    ['keep all where nothing is said', {}, {}, ['a', 'b', 'c']],
    ['leave out what a match excludes', { exclude: [{ tag: 'y' }] }, {}, ['a', 'c']],
    ['keep only what a match includes', { include: [{ tag: 'x' }] }, {}, ['a', 'b']],
    ['let exclude win', { include: [{ tag: 'x' }], exclude: [{ operationId: 'a' }] }, {}, ['b']],
    ['leave out what excludes itself', {}, { '/c': true }, ['a', 'b']],
    ['include nothing where the list is empty', { include: [] }, {}, []],
  ];
  for (const [name, settings, own, want] of CASES) {
    it(name, () => {
      const selected = selectOperations(
        operations,
        new Map(Object.entries(own).map(([pointer, exclude]) => [pointer, { exclude }])),
        located({ operations: settings ?? {} }),
        'pets',
        new Findings(),
      );
      assert.deepEqual(
        selected.map((operation) => operation.operation),
        want,
      );
    });
  }

  const UNUSED: [name: string, exclude: OperationMatch, message: string][] = [
    ['a tag that nothing has', { tag: 'zoo' }, 'no operation has the tag "zoo"'],
    [
      'one operationId of a list that nothing has',
      { operationId: ['a', 'zoo'] },
      'no operation has the operationId "zoo"',
    ],
    [
      'conditions that nothing fits together',
      { tag: 'y', operationId: 'a' },
      'operations.exclude: {"tag":"y","operationId":"a"} matches no operation',
    ],
  ];
  for (const [name, exclude, message] of UNUSED) {
    it(`warn of ${name}`, () => {
      const findings = new Findings();
      selectOperations(operations, new Map(), located({ operations: { exclude: [exclude] } }), 'pets', findings);
      assert.deepEqual(
        findings.warnings.map((row) => [row.rule, row.pointer, row.message]),
        [['match-unused', '/operations/exclude/0', message]],
      );
    });
  }

  it('warn where no operation is left, and not where an empty list includes none', () => {
    const findings = new Findings();
    const exclude = [{ tag: 'x' }, { tag: 'y' }, { operationId: 'c' }];
    selectOperations(operations, new Map(), located({ operations: { exclude } }), 'pets', findings);
    assert.deepEqual(
      findings.warnings.map((row) => [row.rule, row.pointer, row.message]),
      [['nothing-selected', '/operations', 'all 3 operations are left out, so that nothing of pets can be called']],
    );
  });
});

describe('server', () => {
  const operation = anOperation({
    server: 'https://{region}.example.com',
    arguments: { type: 'object', properties: { region: { enum: ['eu', 'us'] } }, required: ['region'] },
    parameters: [{ argument: 'region', name: 'region', in: 'server', required: true, style: 'simple', explode: false }],
    example: { region: 'eu' },
  });

  it("replaces the document's, without a trailing slash, and drops the variables that it does not name", () => {
    const [served] = overrideServer([operation], located({ server: 'https://one.example/v1/' }), 'p', new Findings());
    assert.equal(served?.server, 'https://one.example/v1');
    assert.deepEqual(served.parameters, []);
    assert.deepEqual(served.arguments, { type: 'object', properties: {}, required: [] });
    assert.deepEqual(served.example, {});
  });

  it('keeps a variable that it names', () => {
    const [served] = overrideServer([operation], located({ server: 'https://{region}.example' }), 'p', new Findings());
    assert.equal(served?.parameters.length, 1);
  });

  it('is refused where it names a variable that the document does not have', () => {
    const findings = new Findings();
    overrideServer([operation], located({ server: 'https://{zone}.example' }), 'p', findings);
    assert.deepEqual(
      findings.refused.map((row) => row.message),
      ['the server names a variable "zone" that the document does not have'],
    );
  });
});
