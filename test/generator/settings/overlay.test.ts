import assert from 'node:assert/strict';
import { Findings, SpecError } from '../../../generator/report/findings.js';
import { readOverlay } from '../../../generator/settings/overlay.js';

const HEAD = 'overlay: 1.0.0\ninfo: { title: t, version: "1" }\nactions:\n';

function apply(actions: string, document: object): { result: object; findings: Findings } {
  const findings = new Findings();
  const change = readOverlay('pets/overlay.yaml', HEAD + actions, 'pets', findings);
  assert.ok(change, JSON.stringify(findings.refused));
  return { result: change(document), findings };
}

describe('an overlay', () => {
  const CASES: [name: string, actions: string, given: object, want: object][] = [
    [
      'merges an update into an object, key by key and level by level',
      '- { target: $.info, update: { title: New, contact: { name: Ann } } }',
      { info: { title: 'Old', version: '1', contact: { email: 'a@example.com' } } },
      { info: { title: 'New', version: '1', contact: { email: 'a@example.com', name: 'Ann' } } },
    ],
    [
      'joins arrays inside of an update',
      '- { target: $.a, update: { tags: [y] } }',
      { a: { tags: ['x'] } },
      { a: { tags: ['x', 'y'] } },
    ],
    [
      'appends an entry to an array that is the target',
      '- { target: $.servers, update: { url: /two } }',
      { servers: [{ url: '/one' }] },
      { servers: [{ url: '/one' }, { url: '/two' }] },
    ],
    [
      'joins an array with an array that is the target',
      '- { target: $.tags, update: [b, c] }',
      { tags: ['a'] },
      { tags: ['a', 'b', 'c'] },
    ],
    [
      'replaces a scalar, also by an object',
      '- { target: $, update: { a: { b: 1 } } }',
      { a: 'text', c: 2 },
      { a: { b: 1 }, c: 2 },
    ],
    [
      'removes a key',
      '- target: $.paths["/b"]\n  remove: true',
      { paths: { '/a': 1, '/b': 2 } },
      { paths: { '/a': 1 } },
    ],
    [
      'removes several items of an array, each the right one',
      '- { target: "$.list[?@.gone == true]", remove: true }',
      { list: [{ gone: true, n: 0 }, { n: 1 }, { gone: true, n: 2 }, { gone: true, n: 3 }, { n: 4 }] },
      { list: [{ n: 1 }, { n: 4 }] },
    ],
    [
      'removes what is inside of something that it removes too',
      '- { target: $..x, remove: true }',
      { x: { x: 1 }, y: { x: 2, z: 3 } },
      { y: { z: 3 } },
    ],
    [
      'lets remove win over an update in the same action',
      '- { target: $.a, update: { b: 1 }, remove: true }',
      { a: {}, c: 1 },
      { c: 1 },
    ],
    [
      'takes remove: false for nothing',
      '- { target: $.a, update: { b: 1 }, remove: false }',
      { a: {} },
      { a: { b: 1 } },
    ],
    [
      'applies the actions in order, each to the result of the one before',
      '- { target: $, update: { a: { n: 1 } } }\n- { target: $.a, update: { n: 2 } }',
      {},
      { a: { n: 2 } },
    ],
    [
      'updates every node that the target selects',
      '- { target: "$.paths.*.get", update: { x: 1 } }',
      { paths: { '/a': { get: {} }, '/b': { get: { y: 1 }, put: {} } } },
      { paths: { '/a': { get: { x: 1 } }, '/b': { get: { y: 1, x: 1 }, put: {} } } },
    ],
    [
      'finds keys with quotes, slashes and line breaks in them',
      '- { target: "$.*", update: { x: 1 } }',
      { "it's/a\\key\n": {} },
      { "it's/a\\key\n": { x: 1 } },
    ],
  ];
  for (const [name, actions, given, want] of CASES) {
    it(name, () => {
      const before = JSON.stringify(given);
      assert.deepEqual(apply(actions, given).result, want);
      assert.equal(JSON.stringify(given), before, 'the document that came in was changed');
    });
  }

  it('keeps apart what the document shares by reference', () => {
    const shared = { n: 1 };
    const { result } = apply('- { target: $.a, update: { n: 2 } }', { a: shared, b: shared });
    assert.deepEqual(result, { a: { n: 2 }, b: { n: 1 } });
  });

  it('warns of a target that matches nothing, with its place', () => {
    const { findings } = apply('- { target: $.nope, update: {} }', {});
    assert.deepEqual(findings.warnings, [
      {
        file: 'pets/overlay.yaml',
        pointer: '/actions/0/target',
        line: 4,
        column: 13,
        provider: 'pets',
        rule: 'overlay-target-unmatched',
        message: 'the target "$.nope" matches nothing',
        remedy: 'correct the JSONPath, or delete the action',
      },
    ]);
  });

  it('takes __proto__ and constructor for keys like any other', () => {
    const update = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}';
    const { result } = apply(`- { target: $.a, update: ${update} }`, { a: {} });
    assert.equal(JSON.stringify(result), `{"a":${update.replaceAll(': ', ':').replaceAll(', ', ',')}}`);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.equal(Object.getPrototypeOf((result as { a: object }).a), Object.prototype);
  });

  const THROWN: [name: string, actions: string, rule: string, line: number][] = [
    ['refuses a target that is no JSONPath', '- { target: "$.a[", remove: true }', 'overlay-target-syntax', 4],
    ['refuses to remove the document', '- { target: $, remove: true }', 'overlay-removes-document', 4],
    ['refuses to merge an object into a text', '- target: $.a\n  update: { b: 1 }', 'overlay-update-type', 4],
    ['refuses to merge a text into an object', '- target: $.o\n  update: text', 'overlay-update-type', 4],
  ];
  for (const [name, actions, rule, line] of THROWN) {
    it(name, () => {
      assert.throws(
        () => apply(actions, { a: 'text', o: {} }),
        (error) => error instanceof SpecError && error.rule === rule && error.place.line === line,
      );
    });
  }

  it('reports an unknown key of an action with the nearest known one', () => {
    const findings = new Findings();
    const change = readOverlay('pets/overlay.yaml', `${HEAD}- { target: $.a, updates: {} }`, 'pets', findings);
    assert.equal(change, undefined);
    assert.deepEqual(
      findings.refused.map(({ line, column, message, remedy }) => [line, column, message, remedy]),
      [[4, 18, 'overlay.yaml: actions.0 has an unknown key "updates"', 'did you mean "update"?']],
    );
  });
});
