import assert from 'node:assert/strict';
import { annotationLines, withoutCommands } from '../../../generator/report/annotations.js';
import { visible } from '../../../generator/report/visible.js';

describe('annotations', () => {
  it('are commands of GitHub Actions with file, line, column and title', () => {
    assert.deepEqual(
      annotationLines([
        {
          level: 'error',
          file: 'specs/pets.json',
          line: 3,
          column: 5,
          title: 'breaking',
          message: 'the field is gone',
        },
        { level: 'notice', title: 'out of date', message: 'generate' },
      ]),
      [
        '::error file=specs/pets.json,line=3,col=5,title=breaking::the field is gone',
        '::notice title=out of date::generate',
      ],
    );
  });

  const HOSTILE: readonly [name: string, text: string, asTitle: string, asMessage: string][] = [
    ['a line of its own', 'a\n::error::b', 'a\\u{a}%3A%3Aerror%3A%3Ab', 'a\\u{a}::error::b'],
    ['a property of its own', 'a,file=b', 'a%2Cfile=b', 'a,file=b'],
    ['an escape that was written down', 'a%0Ab', 'a%250Ab', 'a%250Ab'],
    ['a command of the older form', 'a ##[error]b', 'a #\\u{23}[error]b', 'a #\\u{23}[error]b'],
    ['colours and a carriage return', '\u001b[31ma\r', '\\u{1b}[31ma\\u{d}', '\\u{1b}[31ma\\u{d}'],
  ];
  for (const [name, text, asTitle, asMessage] of HOSTILE) {
    it(`show ${name} as what it is`, () => {
      assert.deepEqual(annotationLines([{ level: 'error', title: text, message: text }]), [
        `::error title=${asTitle}::${asMessage}`,
      ]);
    });
  }

  it('are as many of each level as are shown, errors first', () => {
    const many = (level: 'error' | 'warning', title: string) =>
      Array.from({ length: 12 }, () => ({ level, title, message: '' }));
    const lines = annotationLines([...many('warning', 'w'), ...many('error', 'e')]);
    assert.deepEqual(
      lines,
      Array.from({ length: 20 }, (_, index) => (index < 10 ? '::error title=e::' : '::warning title=w::')),
    );
  });

  it('stand outside of what is for people, in which nothing is a command', () => {
    assert.equal(withoutCommands('a\nb', 'token'), '::stop-commands::token\na\nb\n::token::');
  });
});

describe('text from a document', () => {
  const ROWS: readonly [name: string, given: string, want: string][] = [
    ['plain text', 'Ünïcode – “quoted” 日本語', 'Ünïcode – “quoted” 日本語'],
    ['line breaks', 'a\nb\r\u2028c', 'a\\u{a}b\\u{d}\\u{2028}c'],
    ['controls of the terminal', '\u001b[2J\u009b1m\u0007\u007f', '\\u{1b}[2J\\u{9b}1m\\u{7}\\u{7f}'],
    ['characters that turn the order around', 'a\u202eb\u2066', 'a\\u{202e}b\\u{2066}'],
    ['what is not seen', '\u200b\ufeff\ud800', '\\u{200b}\\u{feff}\\u{d800}'],
  ];
  for (const [name, given, want] of ROWS) {
    it(`shows ${name}`, () => assert.equal(visible(given), want));
  }
});
