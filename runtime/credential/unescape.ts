/**
 * Undoes the escapes by which texts spell characters otherwise: `%2B` of URLs, `&#43;`, `&#x2b;` and `&plus;` of HTML and
 * XML, `\u002B`, `\x2b` and `\/` of JSON and of programs; also where only some characters are escaped, and where one
 * escape stands within another. A place in the result can be traced back to where it stood, so that whatever is found
 * there can be cut out of the original.
 *
 * It is no parser: what looks like an escape is taken for one, in whatever kind of text it stands. As whoever wrote the
 * text may mean to keep the gateway busy, it takes one pass for each level, makes no object for an escape, and can be
 * interrupted; tracing back takes another pass, and only texts in which something was found are traced.
 */

/** Escapes within escapes that are undone: more is no accident, and what hides a text on purpose has simpler ways. */
const MOST_LEVELS = 3;
/** Bytes after which the work may be interrupted: well below a millisecond. */
const UNINTERRUPTED_BYTES = 65_536;
/** Runs up to this long are copied byte by byte, which is faster than asking the system to. */
const SHORT_RUN = 64;

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
const HASH = 0x23;
const SEMICOLON = 0x3b;
const LONGEST_NAME = 6;
const MOST_CODE = 0x10ffff;
const REPLACEMENT_CHARACTER = 0xfffd;
/** In the place of a code, where there is no escape. */
const NONE = -1;

/** The bits that begin a character of so many bytes in UTF-8 (RFC 3629 section 3). */
const LEADS = [0, 0, 0xc0, 0xe0, 0xf0];

/** By byte: whether an escape can begin with it. */
const MARKS = new Uint8Array(256);
for (const mark of [PERCENT, AMPERSAND, BACKSLASH]) MARKS[mark] = 1;

/** By byte: of a digit in hex its value, of anything else more than any has. */
const DIGITS = new Uint8Array(256).fill(99);
for (let digit = 0; digit < 16; digit += 1) {
  for (const text of [digit.toString(16), digit.toString(16).toUpperCase()]) DIGITS[text.charCodeAt(0)] = digit;
}

/** Named character references (HTML, section "Named character references") of ASCII punctuation, by the `nameKey` of each in lower case. */
const NAMED: ReadonlyMap<number, number> = new Map(
  Object.entries({
    amp: '&',
    apos: "'",
    ast: '*',
    bsol: '\\',
    colon: ':',
    comma: ',',
    commat: '@',
    dollar: '$',
    equals: '=',
    excl: '!',
    grave: '`',
    gt: '>',
    hat: '^',
    lcub: '{',
    lowbar: '_',
    lpar: '(',
    lsqb: '[',
    lt: '<',
    num: '#',
    percnt: '%',
    period: '.',
    plus: '+',
    quest: '?',
    quot: '"',
    rcub: '}',
    rpar: ')',
    rsqb: ']',
    semi: ';',
    sol: '/',
    verbar: '|',
  }).map(([name, character]) => [[...Buffer.from(name)].reduce(nameKey, 0), character.charCodeAt(0)]),
);

/** A number for each name of up to six letters; upper and lower case are one. */
function nameKey(key: number, letter: number): number {
  return (key << 5) | (letter & 0x1f);
}

/** A text with one level of escapes undone. */
export class Unescaped {
  constructor(
    readonly bytes: Buffer,
    private readonly outer: Buffer,
    private readonly beforeThat: Unescaped | undefined,
  ) {}

  /**
   * Where places between two bytes of it stand in the original.
   * @param places in ascending order, as are the answers.
   */
  *origins(places: readonly number[]): Generator<void, readonly number[]> {
    const escapes = new Escapes(this.outer);
    const origins: number[] = [];
    // Ends of the escape before, in the result and in the text that it was made of.
    let end = 0;
    let outerEnd = 0;
    let pauseAt = UNINTERRUPTED_BYTES;
    while (origins.length < places.length && escapes.next()) {
      const nextEnd = end + (escapes.start - outerEnd) + escapes.length;
      while (origins.length < places.length && places[origins.length]! < nextEnd) {
        origins.push(outerEnd + (places[origins.length]! - end));
      }
      end = nextEnd;
      outerEnd = escapes.end;
      if (outerEnd < pauseAt) continue;
      pauseAt = outerEnd + UNINTERRUPTED_BYTES;
      yield;
    }
    while (origins.length < places.length) origins.push(outerEnd + (places[origins.length]! - end));
    return this.beforeThat === undefined ? origins : yield* this.beforeThat.origins(origins);
  }
}

/** The text with one level of escapes undone, then with the next, for as long as there is something to undo. */
export function* unescape(bytes: Buffer): Generator<void, readonly Unescaped[]> {
  const levels: Unescaped[] = [];
  while (levels.length < MOST_LEVELS) {
    const outer = levels.at(-1);
    const inner = yield* undo(outer?.bytes ?? bytes);
    if (inner === undefined) break;
    levels.push(new Unescaped(inner, outer?.bytes ?? bytes, outer));
  }
  return levels;
}

/** Undefined where there is nothing to undo. What is escaped is never shorter than what it stands for. */
function* undo(bytes: Buffer): Generator<void, Buffer | undefined> {
  const escapes = new Escapes(bytes);
  if (!hasMarks(bytes) || !escapes.next()) return undefined;
  const result = Buffer.allocUnsafe(bytes.byteLength);
  let length = 0;
  let copied = 0;
  let pauseAt = UNINTERRUPTED_BYTES;
  do {
    length = copy(bytes, copied, escapes.start, result, length);
    length = escapes.write(result, length);
    copied = escapes.end;
    if (copied < pauseAt) continue;
    pauseAt = copied + UNINTERRUPTED_BYTES;
    yield;
  } while (escapes.next());
  length = copy(bytes, copied, bytes.byteLength, result, length);
  return result.subarray(0, length);
}

/** Most texts have none, which is told much faster than by going through them. */
function hasMarks(bytes: Buffer): boolean {
  return bytes.includes(PERCENT) || bytes.includes(AMPERSAND) || bytes.includes(BACKSLASH);
}

/** @returns where the copy ends. */
function copy(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  if (end - start > SHORT_RUN) return at + from.copy(to, at, start, end);
  let place = at;
  for (let next = start; next < end; next += 1) to[place++] = from[next]!;
  return place;
}

/** Goes through the escapes of a text. */
class Escapes {
  /** Where the escape begins and ends that was found last. */
  start = 0;
  end = 0;
  /** What it stands for: of a `%` escape one byte of a character, else a code point. */
  #code = NONE;

  constructor(private readonly bytes: Buffer) {}

  /** @returns whether there is another one. */
  next(): boolean {
    const { bytes } = this;
    const { length } = bytes;
    for (let at = this.end; at < length;) {
      const byte = bytes[at]!;
      if (MARKS[byte] === 0) {
        at += 1;
        continue;
      }
      this.start = at;
      const code = this.#read(byte, at);
      if (code !== NONE) {
        this.#code = code;
        return true;
      }
      at = this.end;
    }
    return false;
  }

  /** How many bytes of UTF-8 the escape stands for. */
  get length(): number {
    const code = this.#code;
    if (code < 0x80 || this.bytes[this.start] === PERCENT) return 1;
    return code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }

  /** Writes what the escape stands for. @returns where that ends. */
  write(to: Buffer, at: number): number {
    const { length } = this;
    // A surrogate alone has no UTF-8.
    const code = this.#code >= 0xd800 && this.#code <= 0xdfff ? REPLACEMENT_CHARACTER : this.#code;
    if (length === 1) {
      to[at] = code;
      return at + 1;
    }
    const lead = LEADS[length]!;
    for (let place = at + length - 1, rest = code; place >= at; place -= 1, rest >>= 6) {
      to[place] = place === at ? lead | rest : 0x80 | (rest & 0x3f);
    }
    return at + length;
  }

  /** The code of the escape at a place, or NONE; sets `end` to where it ends, or from where on to look further. */
  #read(mark: number, at: number): number {
    if (mark === BACKSLASH) return this.#readBackslashed(at);
    let code: number;
    if (mark === AMPERSAND) code = this.#readReference(at + 1);
    else {
      code = this.#hex(at + 1, 2);
      this.end = at + 3;
    }
    if (code !== NONE && code <= MOST_CODE) return code;
    this.end = at + 1;
    return NONE;
  }

  /** HTML, section "Character references"; a number needs no semicolon there. */
  #readReference(at: number): number {
    const { bytes } = this;
    let end = at;
    if (bytes[at] !== HASH) {
      let key = 0;
      while (end - at <= LONGEST_NAME && isLetter(bytes[end])) key = nameKey(key, bytes[end++]!);
      this.end = end + 1;
      return end - at <= LONGEST_NAME && bytes[end] === SEMICOLON ? (NAMED.get(key) ?? NONE) : NONE;
    }
    const radix = bytes[at + 1] === 0x78 || bytes[at + 1] === 0x58 ? 16 : 10;
    const start = at + (radix === 16 ? 2 : 1);
    let code = 0;
    for (end = start; code <= MOST_CODE; end += 1) {
      const digit = digitOf(bytes[end]);
      if (digit >= radix) break;
      code = code * radix + digit;
    }
    this.end = bytes[end] === SEMICOLON ? end + 1 : end;
    return end === start ? NONE : code;
  }

  /** `\u002B`, `\u{2b}`, `\x2B`, `\/`: behind as many backslashes as there are texts within texts. */
  #readBackslashed(at: number): number {
    const { bytes } = this;
    let start = at;
    while (bytes[start] === BACKSLASH) start += 1;
    const kind = bytes[start];
    let code = NONE;
    if (kind === 0x22 || kind === 0x27 || kind === 0x2f) {
      this.end = start + 1;
      return kind;
    }
    if (kind === 0x78) {
      code = this.#hex(start + 1, 2);
      this.end = start + 3;
    } else if (kind === 0x75) code = this.#readUnicode(start + 1);
    if (code !== NONE && code <= MOST_CODE) return code;
    this.end = start;
    return NONE;
  }

  /** What stands behind the `u`. */
  #readUnicode(at: number): number {
    const { bytes } = this;
    if (bytes[at] === 0x7b) {
      let end = at + 1;
      while (end < at + 10 && bytes[end] !== 0x7d) end += 1;
      this.end = end + 1;
      return bytes[end] === 0x7d && end > at + 1 ? this.#hex(at + 1, end - at - 1) : NONE;
    }
    const unit = this.#hex(at, 4);
    this.end = at + 4;
    if (unit < 0xd800 || unit > 0xdbff) return unit;
    let low = this.end;
    while (bytes[low] === BACKSLASH) low += 1;
    const other = low > this.end && bytes[low] === 0x75 ? this.#hex(low + 1, 4) : NONE;
    if (other < 0xdc00 || other > 0xdfff) return unit;
    this.end = low + 5;
    return 0x10000 + (unit - 0xd800) * 0x400 + (other - 0xdc00);
  }

  /** The number that so many hex digits spell, or NONE. */
  #hex(at: number, count: number): number {
    let number = 0;
    for (let place = at; place < at + count; place += 1) {
      const digit = digitOf(this.bytes[place]);
      if (digit > 15) return NONE;
      number = number * 16 + digit;
    }
    return number;
  }
}

function digitOf(byte: number | undefined): number {
  return byte === undefined ? 99 : DIGITS[byte]!;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}
