import assert from 'node:assert/strict';

import { tokenize } from '../../runtime/discovery/tokenize.js';

describe('search terms', () => {
  const CASES: readonly (readonly [name: string, text: string, want: readonly string[]])[] = [
    ['are words in lower case', 'Weather Berlin', ['weather', 'berlin']],
    ['are stems', 'forecasts forecasting forecasted', ['forecast', 'forecast', 'forecast']],
    [
      'part what has one stem and different meanings',
      'conversations convert, customers customized, authors authorization authorities, news new, communities communicate',
      [
        'conversation',
        'convert',
        'customer',
        'custom',
        'author',
        'authoriz',
        'authorit',
        'news',
        'new',
        'communit',
        'commun',
      ],
    ],
    [
      'keep together what is one in meaning, though its stem is parted',
      'authorize authorizations, generating generation, organizers organization',
      ['authoriz', 'authoriz', 'generat', 'generat', 'organiz', 'organiz'],
    ],
    [
      'join a noun to its verb where their consonants differ',
      'currency conversions converted, subscriptions subscribe, transcription transcribing, analyses analyzed',
      ['currenc', 'convert', 'convert', 'subscrib', 'subscrib', 'transcrib', 'transcrib', 'analyz', 'analyz'],
    ],
    ['part camelCase', 'getExchangeRates', ['exchang', 'rate']],
    ['part capitals from a word', 'parseHTTPHeader', ['pars', 'http', 'header']],
    [
      'leave the s of several at their capitals',
      'userIDs URLs of PDFs, HTTPStatus',
      ['user', 'id', 'url', 'pdf', 'http', 'statu'],
    ],
    [
      'part snake_case, kebab-case and paths',
      'air_quality-index/v1/{cityId}',
      ['air', 'qualiti', 'index', 'v1', 'citi', 'id'],
    ],
    ['leave stop words out', 'what is the price of it', ['price']],
    ['leave out what every need begins with', 'I would like to get an API for dogs', ['dog']],
    ['leave out how a question begins', 'whats the weather, where is it, whose, why and how much', ['weather']],
    [
      'leave out what an apostrophe joins to a word',
      "what's today's weather, I'm asking, they've, we'll, you're, he'd",
      ['todai', 'weather', 'ask'],
    ],
    [
      'leave it out whatever the apostrophe looks like',
      'it\u2019s Berlin\u2019s, Rome\u2018s, Oslo\u02bcs, Bonn\uff07s, OSLO\u2019S',
      ['berlin', 'rome', 'oslo', 'bonn', 'oslo'],
    ],
    ["leave out verbs with n't", "don't won't isn\u2019t can't dogs", ['dog']],
    [
      'part a name at its apostrophe, and keep quoted words',
      "O'Reilly 'tide' users' l'eau",
      ['o', 'reilli', 'tide', 'user', 'l', 'eau'],
    ],
    ['keep letters that stand by themselves', 's3 r c', ['s3', 'r', 'c']],
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
