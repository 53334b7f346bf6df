import assert from 'node:assert/strict';
import { Findings, SpecError } from '../../../generator/report/findings.js';
import { readOverlay } from '../../../generator/settings/overlay.js';

const HEAD = 'overlay: 1.0.0\ninfo: { title: t, version: "1" }\nactions:\n';
const HEAD_11 = HEAD.replace('1.0.0', '1.1.0');

function apply(actions: string, document: object, head = HEAD): { result: object; findings: Findings } {
  const findings = new Findings();
  const change = readOverlay('pets/overlay.yaml', head + actions, 'pets', findings);
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
      'replaces a single value by another, and null by anything',
      '- { target: $, update: { a: 1, b: { n: 1 }, c: null } }',
      { a: 'text', b: null, c: true, d: 2 },
      { a: 1, b: { n: 1 }, c: null, d: 2 },
    ],
    [
      'replaces a single value that is the target',
      '- { target: $.info.title, update: New }',
      { info: { title: 'Old' } },
      { info: { title: 'New' } },
    ],
    [
      'adds a list where there was none',
      '- { target: $.get, update: { tags: [a] } }',
      { get: {} },
      { get: { tags: ['a'] } },
    ],
    [
      'removes a single value from an array',
      '- { target: "$.tags[?@ == \'b\']", remove: true }',
      { tags: ['a', 'b', 'c'] },
      { tags: ['a', 'c'] },
    ],
    [
      'removes the right items whatever the order in which the target selects them',
      "- { target: \"$['x', 'y'][3, 0, 1]\", remove: true }",
      { x: [0, 1, 2, 3, 4], y: [0, 1, 2, 3] },
      { x: [2, 4], y: [2] },
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
    ['refuses to merge an object into a text', '- target: $.a\n  update: { b: 1 }', 'overlay-update-type', 5],
    ['refuses to merge a text into an object', '- target: $.o\n  update: text', 'overlay-update-type', 5],
    [
      'refuses to merge a list into an object, deep inside',
      '- target: $\n  update:\n    o: [x]',
      'overlay-update-type',
      6,
    ],
    ['refuses targets of several kinds', '- { target: $.*, update: { b: 1 } }', 'overlay-targets-mixed', 4],
  ];
  for (const [name, actions, rule, line] of THROWN) {
    it(name, () => {
      assert.throws(
        () => apply(actions, { a: 'text', o: {} }),
        (error) => error instanceof SpecError && error.rule === rule && error.place.line === line,
      );
    });
  }

  it('warns of a number that a double does not hold', () => {
    const { findings } = apply('- { target: $.a, update: { maximum: 9223372036854775807 } }', { a: {} });
    assert.deepEqual(findings.warnings, [
      {
        provider: 'pets',
        file: 'pets/overlay.yaml',
        pointer: '/actions/0/update/maximum',
        line: 4,
        column: 37,
        rule: 'number-rounded',
        message: '9223372036854775807 has more digits than a double holds, and is read as 9223372036854776000',
        remedy: 'none is needed for a limit or an example; else write a number of at most 15 digits, or a text',
      },
    ]);
  });

  it('lists twenty such numbers, each with its beginning, and counts the others', () => {
    const { findings } = apply(`- { target: $.a, update: { enum: [${`1.${'3'.repeat(100)}, `.repeat(25)}] } }`, {
      a: {},
    });
    assert.equal(findings.warnings.length, 20);
    assert.equal(
      findings.warnings[19]!.message,
      `1.${'3'.repeat(58)}… has more digits than a double holds, and is read as 1.3333333333333333` +
        '; 5 more numbers of this file are rounded',
    );
  });

  it('reports an unknown key of an action with the nearest known one', () => {
    const findings = new Findings();
    const change = readOverlay('pets/overlay.yaml', `${HEAD}- { target: $.a, updates: {} }`, 'pets', findings);
    assert.equal(change, undefined);
    assert.deepEqual(
      findings.refused.map(({ line, column, message, remedy }) => [line, column, message, remedy]),
      [[4, 18, 'overlay.yaml: actions.0 has an unknown key "updates"', 'did you mean "update"?']],
    );
  });

  it('says what a value is put in the place of, and where', () => {
    assert.throws(
      () =>
        apply('- { target: "$.paths.*", update: { get: { tags: all } } }', { paths: { '/a': { get: { tags: [] } } } }),
      { message: 'the update puts a single value in the place of an array at /paths/~1a/get/tags' },
    );
  });

  it('warns of an action that changes nothing', () => {
    const { findings } = apply('- { target: $.a, description: later }', { a: {} });
    assert.deepEqual(
      findings.warnings.map(({ rule, line }) => [rule, line]),
      [['overlay-action-idle', 4]],
    );
  });

  it('admits extensions at its root, in info and in actions, and the document that it is for', () => {
    const text = `overlay: 1.0.1\nextends: ./openapi.yaml\nx-a: 1\ninfo: { title: t, version: "1", x-b: 2 }\nactions: [{ target: $, update: { z: 1 }, x-c: 3 }]`;
    const findings = new Findings();
    const change = readOverlay('pets/overlay.json', text, 'pets', findings);
    assert.deepEqual(findings.refused, []);
    assert.deepEqual(change?.({}), { z: 1 });
  });

  const FAULTS: [name: string, text: string, want: [line: number | undefined, message: string, remedy: string][]][] = [
    [
      'wants a version that it knows',
      'overlay: 1.2.0\ninfo: { title: t, version: "1" }\nactions: [{ target: $ }]',
      [[1, 'overlay.yaml: overlay is "1.2.0"', 'write the version of the Overlay Specification: 1.0.0 or 1.1.0']],
    ],
    [
      'wants an action',
      'overlay: 1.0.0\ninfo: { title: t, version: "1" }\nactions: []',
      [[3, 'overlay.yaml: actions is an empty list', 'write at least one, or delete the key']],
    ],
    [
      'wants a title, a version and no other keys of its info',
      'overlay: 1.0.0\ninfo: { titel: t, version: 1 }\nactions: [{ target: $ }]',
      [
        [2, 'overlay.yaml: info lacks "title"', 'add it'],
        [2, 'overlay.yaml: info has an unknown key "titel"', 'did you mean "title"?'],
        [2, 'overlay.yaml: info.version is the number 1', 'write it in quotes: "1"'],
      ],
    ],
    [
      'wants 1.1 for copy',
      `${HEAD}- { target: $.a, copy: $.b }`,
      [[4, 'overlay.yaml: actions.0 has "copy", which overlay 1.0.0 does not have', 'write overlay: 1.1.0']],
    ],
    [
      'wants update or copy, not both',
      `${HEAD_11}- { target: $.a, copy: $.b, update: {} }`,
      [[4, 'overlay.yaml: actions.0 has both "update" and "copy"', 'write two actions']],
    ],
  ];
  for (const [name, text, want] of FAULTS) {
    it(name, () => {
      const findings = new Findings();
      assert.equal(readOverlay('pets/overlay.yaml', text, 'pets', findings), undefined);
      assert.deepEqual(
        findings.refused.map(({ line, message, remedy }) => [line, message, remedy]),
        want,
      );
    });
  }
});

describe('copy, of Overlay 1.1', () => {
  it('merges a node of the document into the targets, and leaves the node as it was', () => {
    const document = { a: { x: { n: 1 } }, b: { x: { m: 2 } } };
    const { result } = apply('- { target: $.b, copy: $.a }\n- { target: $.b.x, update: { n: 3 } }', document, HEAD_11);
    assert.deepEqual(result, { a: { x: { n: 1 } }, b: { x: { m: 2, n: 3 } } });
  });

  for (const [name, copy, fault] of [
    ['nothing', '$.nope', 'copy "$.nope" matches nothing'],
    ['several', '$.*', 'copy "$.*" matches 2 values'],
  ] as const) {
    it(`refuses to copy what is ${name}`, () => {
      assert.throws(() => apply(`- { target: $.a, copy: "${copy}" }`, { a: {}, b: {} }, HEAD_11), { message: fault });
    });
  }
});
