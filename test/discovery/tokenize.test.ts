import assert from 'node:assert/strict';

import { tokenize } from '../../runtime/discovery/tokenize.js';

describe('search terms', () => {
  const CASES: readonly (readonly [name: string, text: string, want: readonly string[]])[] = [
    ['are words in lower case', 'Weather Berlin', ['weather', 'berlin']],
    ['are stems', 'forecasts forecasting forecasted', ['forecast', 'forecast', 'forecast']],
    ['part camelCase', 'getExchangeRates', ['exchang', 'rate']],
    ['part capitals from a word', 'parseHTTPHeader', ['pars', 'http', 'header']],
    [
      'part snake_case, kebab-case and paths',
      'air_quality-index/v1/{cityId}',
      ['air', 'qualiti', 'index', 'v1', 'citi', 'id'],
    ],
    ['leave stop words out', 'what is the price of it', ['price']],
    ['leave out what every need begins with', 'I would like to get an API for dogs', ['dog']],
    ['keep repetitions', 'rate rate', ['rate', 'rate']],
    ['keep numbers', 'base64 2026', ['base64', '2026']],
    ['take letters of any script', 'погода 東京', ['погода', '東京']],
    ['drop accents, however they are encoded', 'Zürich Zu\u0308rich São', ['zurich', 'zurich', 'sao']],
    ['fold full-width letters', 'ＡＰＩ ｗｅａｔｈｅｒ', ['weather']],
    ['are none of punctuation', '?! … -- {}', []],
    ['leave out a word without end', 'x'.repeat(65), []],
  ];
  for (const [name, text, want] of CASES) {
    it(name, () => {
      assert.deepEqual(tokenize(text), want);
    });
  }
});
