import assert from 'node:assert/strict';
import { openEditor, type Editor } from './editor.js';

const use = (code: string): string => `
import { createClient, TollgateError } from '../../runtime/client/client.js';
import type { AnswerOf, ArgumentsOf } from '../../runtime/client/client.js';
import { openMeteo, type Place } from '../../generated/providers/open-meteo/endpoints.js';
import { openai } from '../../generated/providers/openai/endpoints.js';
import { sandbox } from '../../generated/providers/sandbox/endpoints.js';
const tollgate = createClient({ apiKey: 'key' });
export async function used() {
  ${code}
}
export type Used = [AnswerOf<never>, ArgumentsOf<never>, Place, TollgateError, typeof openMeteo, typeof openai, typeof sandbox, typeof tollgate];
`;
/** The line of the code above that the case stands on. */
const CODE_LINE = 8;
const HERE = '{ latitude: 52.5, longitude: 13.4 }';

const RIGHT: [name: string, code: string][] = [
  ['arguments by their names', `await tollgate.call(openMeteo.getForecast, ${HERE});`],
  [
    'optional arguments, of which enums take their values',
    `await tollgate.call(openMeteo.getForecast, { latitude: 52.5, longitude: 13.4, hourly: ['rain'], timeformat: 'unixtime' });`,
  ],
  ['no arguments where none is required', `await tollgate.call(sandbox.quoteOfTheDay);`],
  ['options behind the arguments', `await tollgate.call(openMeteo.getForecast, ${HERE}, { maxPrice: '0.01' });`],
  [
    'options that may be undefined',
    `await tollgate.call(sandbox.quoteOfTheDay, {}, { maxPrice: process.env['MOST'], signal: AbortSignal.timeout(9) });`,
  ],
  [
    'a file as base64, and described',
    `for (const file of ['AAAA', { data: 'AAAA', filename: 'a.mp3' }]) await tollgate.call(openai.createTranscription, { body: { file, model: 'whisper-1' } });`,
  ],
  [
    'what was charged, and the receipt',
    `const { charged, receipt } = await tollgate.call(openMeteo.getForecast, ${HERE}); return charged satisfies string, receipt.message.amountMicroUsdc satisfies string;`,
  ],
  [
    'the fields of an answer',
    `const { body } = await tollgate.call(openMeteo.getForecast, ${HERE}); return body.elevation satisfies number | undefined;`,
  ],
  [
    'text and bytes as such',
    `const tone = await tollgate.call(sandbox.getTone); const quote = await tollgate.call(sandbox.quoteOfTheDay); return tone.body.byteLength + quote.body.length;`,
  ],
  ['the types of an endpoint by name', `const args: ArgumentsOf<typeof openMeteo.getForecast> = ${HERE}; return args;`],
  [
    'the types of an answer by name',
    `const answer = {} as AnswerOf<typeof openMeteo.getPlace>; return answer satisfies Place;`,
  ],
  [
    'a quote of the same arguments',
    `const { quoteId } = await tollgate.quote(openMeteo.getForecast, ${HERE}); await tollgate.call(openMeteo.getForecast, ${HERE}, { quoteId });`,
  ],
  [
    "an error's fields",
    `try { await tollgate.call(sandbox.quoteOfTheDay); } catch (error) { if (error instanceof TollgateError && error.code === 'RATE_LIMITED') return [error.remedy, error.retryable, error.charged]; } return [];`,
  ],
];

const WRONG: [name: string, code: string, message: RegExp][] = [
  [
    'an argument of another type',
    `await tollgate.call(openMeteo.getForecast, { latitude: '52', longitude: 13.4 });`,
    /Type 'string' is not assignable to type 'number'/,
  ],
  ['an argument left out', `await tollgate.call(openMeteo.getForecast, { latitude: 52.5 });`, /'longitude' is missing/],
  ['no arguments where some are required', `await tollgate.call(openMeteo.getForecast);`, /Expected 2-3 arguments/],
  [
    'an argument that is misspelt',
    `await tollgate.call(openMeteo.getForecast, { latitude: 52.5, longitude: 13.4, hourley: ['rain'] });`,
    /'hourley' does not exist/,
  ],
  [
    'a value outside of an enum',
    `await tollgate.call(openMeteo.getForecast, { latitude: 52.5, longitude: 13.4, timeformat: 'unix' });`,
    /'"unix"' is not assignable/,
  ],
  [
    'an argument where there is none',
    `await tollgate.call(sandbox.listCities, { day: 1 });`,
    /not assignable to type 'never'/,
  ],
  [
    'a field of a body of another type',
    `await tollgate.call(openai.createChatCompletion, { body: { model: 'gpt-5-nano', messages: [{ role: 'user', content: 7 }] } });`,
    /not assignable/,
  ],
  [
    'a field that the answer does not have',
    `const { body } = await tollgate.call(openMeteo.getForecast, ${HERE}); return body.elevaton;`,
    /'elevaton' does not exist/,
  ],
  [
    'a field of the answer as another type',
    `const { body } = await tollgate.call(openMeteo.getForecast, ${HERE}); return body.elevation satisfies string | undefined;`,
    /does not satisfy the expected type/,
  ],
  ['an endpoint that does not exist', `await tollgate.call(openMeteo.forecasts, {});`, /'forecasts' does not exist/],
  [
    'an option that does not exist',
    `await tollgate.call(sandbox.quoteOfTheDay, {}, { maxprice: '1' });`,
    /'maxprice' does not exist/,
  ],
  [
    'a price as a number',
    `await tollgate.call(sandbox.quoteOfTheDay, {}, { maxPrice: 1 });`,
    /'number' is not assignable/,
  ],
  [
    'a quote of wrong arguments',
    `await tollgate.quote(openMeteo.getForecast, { latitude: 1 });`,
    /'longitude' is missing/,
  ],
  ['an error code that does not exist', `return new TollgateError({} as never).code === 'RATE_LIMIT';`, /no overlap/],
];

const COMPLETED: [name: string, code: string, want: readonly string[]][] = [
  ['the endpoints of a provider', `openMeteo./*|*/`, ['getForecast', 'getAirQuality', 'searchPlaces']],
  [
    'the arguments of an endpoint',
    `await tollgate.call(openMeteo.getForecast, { /*|*/ });`,
    ['latitude', 'longitude', 'hourly', 'timezone'],
  ],
  [
    'the arguments that are left',
    `await tollgate.call(openMeteo.getForecast, { latitude: 1, /*|*/ });`,
    ['longitude', 'hourly'],
  ],
  [
    'the values of an enum',
    `await tollgate.call(openMeteo.getForecast, { latitude: 1, longitude: 2, timeformat: '/*|*/' });`,
    ['iso8601', 'unixtime'],
  ],
  [
    'the fields of an answer',
    `const { body } = await tollgate.call(openMeteo.getForecast, ${HERE}); return body./*|*/;`,
    ['elevation', 'hourly', 'timezone'],
  ],
  [
    'the fields within a body',
    `await tollgate.call(openai.createChatCompletion, { body: { /*|*/ } });`,
    ['model', 'messages', 'max_completion_tokens'],
  ],
  ['what comes with an answer', `(await tollgate.call(sandbox.quoteOfTheDay))./*|*/;`, ['body', 'charged', 'receipt']],
  [
    'the options',
    `await tollgate.call(sandbox.quoteOfTheDay, {}, { /*|*/ });`,
    ['maxPrice', 'idempotencyKey', 'quoteId', 'signal'],
  ],
];

describe('the types of a call', function () {
  this.timeout(120_000);
  const fileOf = (kind: string, index: number): string => `test/types/virtual-${kind}-${String(index)}.ts`;
  const filesOf = (kind: string, cases: readonly (readonly [string, string, ...unknown[]])[]): [string, string][] =>
    cases.map(([, code], index) => [fileOf(kind, index), use(code)]);
  let editor: Editor;
  before(() => {
    editor = openEditor(
      Object.fromEntries([...filesOf('right', RIGHT), ...filesOf('wrong', WRONG), ...filesOf('completed', COMPLETED)]),
    );
  });

  for (const [index, [name]] of RIGHT.entries()) {
    it(`take or give ${name}`, () => assert.deepEqual(editor.problems(fileOf('right', index)), []));
  }
  for (const [index, [name, , message]] of WRONG.entries()) {
    it(`refuse ${name}, on its line`, () => {
      const problems = editor.problems(fileOf('wrong', index));
      assert.deepEqual(
        problems.map(({ line }) => line),
        [CODE_LINE],
      );
      assert.match(problems[0]?.message ?? '', message);
    });
  }
  for (const [index, [name, , want]] of COMPLETED.entries()) {
    it(`let an editor complete ${name}`, () => {
      const offered = editor.completions(fileOf('completed', index), '/*|*/');
      assert.deepEqual(
        want.filter((each) => !offered.includes(each)),
        [],
      );
    });
  }

  it('offer no argument twice, and nothing that is none', () => {
    const index = COMPLETED.findIndex(([name]) => name === 'the arguments that are left');
    const offered = editor.completions(fileOf('completed', index), '/*|*/');
    assert.equal(offered.includes('latitude'), false);
    assert.equal(offered.includes('utc_offset_seconds'), false);
  });
});
