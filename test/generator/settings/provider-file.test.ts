import assert from 'node:assert/strict';
import { Findings, SpecError } from '../../../generator/report/findings.js';
import { mergeSettings, readProviderFile } from '../../../generator/settings/read-settings.js';
import type { NormalizedDocument } from '../../../generator/normalize/normalized-document.js';

function refusals(
  text: string,
): [line: number | undefined, column: number | undefined, message: string, remedy: string][] {
  const findings = new Findings();
  readProviderFile('pets/provider.yaml', text, 'pets', findings);
  return findings.refused.map(({ line, column, message, remedy }) => [line, column, message, remedy]);
}

const document = (extension?: unknown): NormalizedDocument => ({
  title: 'Pets',
  summary: '',
  version: '1',
  securitySchemes: {},
  definitions: {},
  operations: [],
  ...(extension !== undefined && { extension }),
});

describe('provider.yaml', () => {
  it('refuses a fixed number that would be sent as another', () => {
    assert.deepEqual(
      refusals('arguments:\n  fixed: { ids: [1, 9007199254740993], ratio: 1.10, id: 9007199254740992 }'),
      [
        [
          2,
          21,
          '9007199254740993 has more digits than a double holds, and would be sent as 9007199254740992',
          'write a number of at most 15 digits, or leave the argument to the callers, who can send every digit',
        ],
      ],
    );
  });

  it('admits everything that the contract shows', () => {
    const text = `
title: GitHub
categories: [developer-tools]
server: https://api.github.com
credentials: { bearer: { env: GITHUB_TOKEN } }
seller: { id: github, name: GitHub }
pricing:
  default: { model: per_call, amount: "0.001" }
  rules:
    - match: { operationId: createChatCompletion }
      price: { model: per_unit, unit: token, amount: "0.60", per: 1000000, meter: "usage.total_tokens", min: "0.0001", max: "0.05" }
    - match: { method: GET, path: "/meta*" }
      price: { model: free }
charge: { on: [2xx], void_if: "errors[0]" }
operations: { exclude: [{ tag: admin }] }
arguments: { fixed: { per_page: 30 }, hidden: [x-debug] }
limits: { timeoutMs: 15000, maxResponseBytes: 5000000, concurrency: 32, connectTimeoutMs: 2000, firstByteTimeoutMs: 5000,
  idleTimeoutMs: 5000, queue: 100, queueTimeoutMs: 1000, ratePerSecond: 2.5, breakerFailures: 0, breakerOpenMs: 5000,
  retries: 0, bytesPerSecond: 1000000 }
`;
    assert.deepEqual(refusals(text), []);
  });

  const FAULTS: [name: string, text: string, want: ReturnType<typeof refusals>][] = [
    [
      'names an unknown key, its place and the nearest known one',
      'title: Pets\npricng:\n  default: { model: free }\n',
      [[2, 1, 'provider.yaml has an unknown key "pricng"', 'did you mean "pricing"?']],
    ],
    [
      'names an unknown key deep inside',
      'limits:\n  timeoutMs: 1000\n  timeout: 5\n',
      [[3, 3, 'provider.yaml: limits has an unknown key "timeout"', 'did you mean "timeoutMs"?']],
    ],
    [
      'lists the known keys where none is near',
      'seller: { id: a, colour: red }\n',
      [[1, 18, 'provider.yaml: seller has an unknown key "colour"', 'use one of: id, name']],
    ],
    [
      'wants an amount in quotes',
      'pricing:\n  default: { model: per_call, amount: 0.001 }\n',
      [[2, 39, 'provider.yaml: pricing.default.amount is the number 0.001', 'write it in quotes: "0.001"']],
    ],
    [
      'refuses an amount of seven places',
      'pricing: { default: { model: per_call, amount: "0.0000001" } }\n',
      [
        [
          1,
          48,
          'provider.yaml: pricing.default.amount is "0.0000001"',
          'round it to six places: 0.000001 is the smallest amount that there is',
        ],
      ],
    ],
    [
      'refuses a negative amount',
      'pricing: { default: { model: per_call, amount: "-1" } }\n',
      [
        [
          1,
          48,
          'provider.yaml: pricing.default.amount is "-1"',
          'write an amount that is not negative; model: free costs nothing',
        ],
      ],
    ],
    [
      'wants a maximum for a metered price',
      'pricing:\n  default: { model: per_unit, unit: t, amount: "1", per: 1, meter: n }\n',
      [
        [
          2,
          12,
          'provider.yaml: pricing.default lacks "max"',
          'add the most that one call can cost: it is what is held for a call',
        ],
      ],
    ],
    [
      'refuses a maximum of nothing',
      'pricing:\n  default: { model: per_unit, unit: t, amount: "1", per: 1, meter: n, max: "0" }\n',
      [[2, 76, 'the maximum 0 leaves nothing to charge', 'raise max, or write model: free']],
    ],
    [
      'refuses an amount of nothing without a minimum',
      'pricing:\n  default: { model: per_unit, unit: t, amount: "0.0", per: 1, meter: n, max: "1" }\n',
      [
        [
          2,
          48,
          'the amount 0.0 charges nothing, however many units there are',
          'raise it, give a min, or write model: free',
        ],
      ],
    ],
    [
      'wants a model for a price',
      'pricing: { default: { amount: "1" } }\n',
      [[1, 21, 'provider.yaml: pricing.default lacks "model"', 'use "free", "per_call" or "per_unit"']],
    ],
    [
      'refuses a part of a unit as the number of units',
      'pricing: { default: { model: per_unit, unit: t, amount: "1", per: 0.5, meter: n, max: "1" } }\n',
      [[1, 67, 'provider.yaml: pricing.default.per is 0.5', 'write a whole number']],
    ],
    [
      'refuses keys of another model',
      'pricing: { default: { model: free, amount: "1" } }\n',
      [[1, 36, 'provider.yaml: pricing.default has an unknown key "amount"', 'use one of: model']],
    ],
    [
      'does not repeat what may be a secret in the place of a variable',
      'credentials: { key: sk-live-1234, other: { env: "ghp abc" } }\n',
      [
        [
          1,
          21,
          'provider.yaml: credentials.key is not the name of a variable',
          'write the name of an environment variable: { env: GITHUB_TOKEN }; the secret itself stands in no file',
        ],
        [
          1,
          49,
          'provider.yaml: credentials.other.env is not the name of a variable',
          'write the name of an environment variable, such as GITHUB_TOKEN; the secret itself stands in no file',
        ],
      ],
    ],
    [
      'says what may stand beside the variable of a credential',
      'credentials: { aws: { env: A, region: "eu west" }, oauth: { env: B, scopes: ["a b"], audiense: x } }\n',
      [
        [1, 39, 'provider.yaml: credentials.aws.region is not usable', 'write an AWS region, such as eu-west-1'],
        [1, 86, 'provider.yaml: credentials.oauth has an unknown key "audiense"', 'did you mean "audience"?'],
        [
          1,
          78,
          'provider.yaml: credentials.oauth.scopes.0 is not usable',
          'write a list of scopes, such as [read, write]',
        ],
      ],
    ],
    [
      'refuses a minimum above the maximum',
      'pricing:\n  default: { model: per_unit, unit: t, amount: "1", per: 1, meter: n, min: "0.2", max: "0.05" }\n',
      [[2, 76, 'the minimum 0.2 is above the maximum 0.05', 'lower min or raise max; max is what is held for a call']],
    ],
    [
      'refuses a model that it does not know',
      'pricing:\n  default: { model: monthly }\n',
      [[2, 21, 'provider.yaml: pricing.default has the model "monthly"', 'use "free", "per_call" or "per_unit"']],
    ],
    [
      'refuses a meter that is no JMESPath',
      'pricing:\n  default: { model: per_unit, unit: t, amount: "1", per: 1, meter: "a[", max: "1" }\n',
      [
        [
          2,
          68,
          'the meter "a[" is not JMESPath: Syntax error: expected Star, got: EOF',
          'write a path to a number in the answer, such as "usage.total_tokens"',
        ],
      ],
    ],
    [
      'refuses a void_if that is no JMESPath',
      'charge: { void_if: "errors[" }\n',
      [
        [
          1,
          20,
          'void_if "errors[" is not JMESPath: Syntax error: expected Star, got: EOF',
          'write an expression over the answer\'s body, such as "errors[0]"',
        ],
      ],
    ],
    [
      'refuses a status that is none',
      'charge: { on: [2xx, ok] }\n',
      [[1, 21, 'provider.yaml: charge.on.1 is "ok"', 'write upstream statuses, such as 2xx or 201']],
    ],
    [
      'refuses a match without a condition',
      'operations: { exclude: [{}] }\n',
      [[1, 25, 'provider.yaml: operations.exclude.0 names no condition', 'name an operationId, tag, method or path']],
    ],
    [
      "refuses the gateway's own variables as a credential",
      'credentials: { bearer: { env: TOLLGATE_RECEIPT_KEY } }\n',
      [
        [
          1,
          31,
          "the variable TOLLGATE_RECEIPT_KEY is the gateway's own and is never sent to a provider",
          'name a variable that holds nothing but this credential',
        ],
      ],
    ],
    [
      'refuses a limit above which an answer could not be told any more',
      'limits: { maxResponseBytes: 50000001 }\n',
      [[1, 29, 'provider.yaml: limits.maxResponseBytes is 50000001', 'write a number of at most 50000000']],
    ],
    [
      'refuses a limit out of bounds',
      'limits: { concurrency: 0 }\n',
      [[1, 24, 'provider.yaml: limits.concurrency is 0', 'write a number of at least 1']],
    ],
    [
      'refuses more retries than make sense',
      'limits: { retries: 6 }\n',
      [[1, 20, 'provider.yaml: limits.retries is 6', 'write a number of at most 5']],
    ],
    [
      'refuses a rate of nothing, with which no call could be made',
      'limits: { ratePerSecond: 0 }\n',
      [[1, 26, 'provider.yaml: limits.ratePerSecond is 0', 'write a number of at least 0.01']],
    ],
    [
      'reports all faults at once',
      'titel: x\nserver: ftp://example.com\n',
      [
        [1, 1, 'provider.yaml has an unknown key "titel"', 'did you mean "title"?'],
        [
          2,
          9,
          'provider.yaml: server is "ftp://example.com"',
          'write an absolute http or https URL without query, fragment or user, such as https://api.example.com/v1',
        ],
      ],
    ],
  ];
  for (const [name, text, want] of FAULTS) it(name, () => assert.deepEqual(refusals(text), want));

  it('refuses what is no YAML, at its line', () => {
    assert.throws(
      () => refusals('title: Pets\ncategories: [a\nserver: "x\n'),
      (error) =>
        error instanceof SpecError && error.rule === 'yaml-syntax' && error.place.file === 'pets/provider.yaml',
    );
  });

  it('refuses a key that stands there twice', () => {
    assert.throws(
      () => refusals('title: a\ntitle: b\n'),
      (error) => error instanceof SpecError && error.place.line === 2,
    );
  });

  it('takes an empty file for no settings', () => assert.deepEqual(refusals('# nothing yet\n'), []));
});

describe('x-tollgate at the root of a document', () => {
  const merge = (extension: unknown, yaml: string) => {
    const findings = new Findings();
    const file = readProviderFile('pets/provider.yaml', yaml, 'pets', findings);
    const place = (pointer: string) => ({ file: 'pets/openapi.yaml', pointer, line: 7, column: 3 });
    return { ...mergeSettings(document(extension), file, place, 'pets', findings), findings };
  };

  it('is read where provider.yaml says nothing, key by key, and what is not read is a warning', () => {
    const { settings, findings } = merge({ title: 'Theirs', categories: ['a'] }, 'title: Ours\n');
    assert.deepEqual(settings, { title: 'Ours', categories: ['a'] });
    assert.deepEqual(
      findings.warnings.map(({ rule, pointer }) => [rule, pointer]),
      [['settings-shadowed', '/x-tollgate/title']],
    );
  });

  it('points into the document with its faults', () => {
    const { findings } = merge({ limits: { concurency: 1 } }, '');
    assert.deepEqual(findings.refused, [
      {
        file: 'pets/openapi.yaml',
        pointer: '/x-tollgate/limits/concurency',
        line: 7,
        column: 3,
        provider: 'pets',
        rule: 'settings-key',
        message: 'x-tollgate: limits has an unknown key "concurency"',
        remedy: 'did you mean "concurrency"?',
      },
    ]);
  });

  it('may name the variable of a credential where provider.yaml names them itself, and to no effect', () => {
    const own = 'credentials: { key: { env: PETS_KEY } }';
    const { settings, findings } = merge({ credentials: { key: { env: 'AWS_SECRET_ACCESS_KEY' } } }, own);
    assert.deepEqual(findings.refused, []);
    assert.deepEqual(settings.credentials, { key: { env: 'PETS_KEY' } });
  });

  it('is refused where it alone names the variable of a credential, which would be sent to its server', () => {
    const { findings } = merge({ credentials: { key: { env: 'AWS_SECRET_ACCESS_KEY' } } }, '');
    assert.deepEqual(
      findings.refused.map(({ rule, message }) => [rule, message]),
      [
        [
          'credentials-from-document',
          'the document itself names environment variables as credentials: AWS_SECRET_ACCESS_KEY',
        ],
      ],
    );
  });
});
