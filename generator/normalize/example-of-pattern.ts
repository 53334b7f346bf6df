/**
 * A text that a regular expression should match, for examples. Reads the common part of the syntax (literals, classes,
 * groups, alternatives, repetitions) and gives up on the rest; whoever asks checks the result.
 */

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@ ';
const ESCAPES: Readonly<Record<string, (character: string) => boolean>> = {
  d: (character) => /\d/.test(character),
  D: (character) => /\D/.test(character),
  w: (character) => /\w/.test(character),
  W: (character) => /\W/.test(character),
  s: (character) => /\s/.test(character),
  S: (character) => /\S/.test(character),
};
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' };
const MAX_TEXT = 5_000;

/** @param repeat how often what may repeat does so, within its limits */
export function exampleOfPattern(pattern: string, repeat: number): string | undefined {
  const reader = new PatternReader(pattern, repeat);
  const text = reader.alternatives();
  return reader.failed || !reader.atEnd || text.length > MAX_TEXT ? undefined : text;
}

class PatternReader {
  failed = false;
  #at = 0;

  constructor(
    readonly pattern: string,
    readonly repeat: number,
  ) {}

  get atEnd(): boolean {
    return this.#at >= this.pattern.length;
  }

  /** The first alternative; the others are read over. */
  alternatives(): string {
    const first = this.#sequence();
    while (!this.failed && this.pattern[this.#at] === '|') {
      this.#at++;
      this.#sequence();
    }
    return first;
  }

  #sequence(): string {
    let text = '';
    while (!this.failed && !this.atEnd && this.pattern[this.#at] !== '|' && this.pattern[this.#at] !== ')') {
      const atom = this.#atom();
      text += atom.repeat(this.#times());
      if (text.length > MAX_TEXT) this.failed = true;
    }
    return text;
  }

  #atom(): string {
    const character = this.pattern[this.#at++]!;
    if (character === '^' || character === '$') return '';
    if (character === '.') return 'a';
    if (character === '[') return this.#class();
    if (character === '(') return this.#group();
    if (character === '\\') return this.#escape();
    return character;
  }

  #group(): string {
    const kind = /^\?(:|<[A-Za-z]\w*>)?/.exec(this.pattern.slice(this.#at, this.#at + 40));
    if (kind !== null) {
      if (kind[1] === undefined) this.failed = true;
      this.#at += kind[0].length;
    }
    const text = this.alternatives();
    if (this.pattern[this.#at++] !== ')') this.failed = true;
    return text;
  }

  #escape(): string {
    const character = this.pattern[this.#at++] ?? '';
    if (character === 'b' || character === 'B') return '';
    if (character === 'p' || character === 'P') {
      const end = this.pattern.indexOf('}', this.#at);
      const name = this.pattern.slice(this.#at, end + 1);
      this.#at = end + 1;
      return this.#first((candidate) => new RegExp(`\\${character}${name}`, 'u').test(candidate));
    }
    const set = ESCAPES[character];
    if (set !== undefined) return this.#first(set);
    return this.#code(character);
  }

  /** `\x41`, `\u0041`, `\n`, or the character itself. */
  #code(character: string): string {
    const digits = { x: /^[0-9a-f]{2}/i, u: /^[0-9a-f]{4}|^\{[0-9a-f]+\}/i }[character];
    const match = digits?.exec(this.pattern.slice(this.#at, this.#at + 10));
    if (match !== null && match !== undefined) {
      this.#at += match[0].length;
      const point = parseInt(match[0].replace(/[{}]/g, ''), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '';
    }
    return CONTROLS[character] ?? character;
  }

  #class(): string {
    const start = this.#at - 1;
    let end = this.#at;
    if (this.pattern[end] === '^') end++;
    while (end < this.pattern.length && this.pattern[end] !== ']') end += this.pattern[end] === '\\' ? 2 : 1;
    this.#at = end + 1;
    const source = this.pattern.slice(start, end + 1);
    const set = new RegExp(`^${source}$`, 'u');
    return this.#first((candidate) => set.test(candidate), source);
  }

  /** The first common character that the set has, else one that is written in it. */
  #first(accepts: (character: string) => boolean, source = ''): string {
    for (const character of LETTERS) if (accepts(character)) return character;
    for (const character of source) if (accepts(character)) return character;
    for (let code = 33; code < 0x250; code++) {
      if (accepts(String.fromCharCode(code))) return String.fromCharCode(code);
    }
    this.failed = true;
    return '';
  }

  #times(): number {
    const quantifier = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(this.pattern.slice(this.#at, this.#at + 24));
    if (quantifier === null) return 1;
    this.#at += quantifier[0].length;
    const [, sign, least, range, most] = quantifier;
    const lowest = sign === undefined ? Number(least) : sign === '+' ? 1 : 0;
    const highest =
      sign === '?' ? 1 : sign !== undefined || (range !== undefined && most === '') ? Infinity : Number(most ?? least);
    return Math.min(Math.max(lowest, Math.min(this.repeat, highest)), MAX_TEXT);
  }
}
