/**
 * Checks that a `pattern` can be used: it has to compile as an ECMAScript regular expression with the `u` flag, as JSON
 * Schema 2020-12 says (section 6.4), and in RE2's syntax, because arguments are matched by an engine that takes linear
 * time whatever the pattern.
 */

import { RE2JS } from 're2js';

export type PatternCheck =
  | {
      readonly pattern: string;
      readonly matches: (text: string) => boolean;
      /** What the given pattern refuses beyond this one, in words; absent where they mean the same. */
      readonly weaker?: string;
    }
  | { readonly fault: string };

/** Longer ones are not patterns but tables. */
const MAX_LENGTH = 5_000;
/** RE2 repeats nothing more often by count. */
const MAX_REPETITIONS = 1_000;

/**
 * The pattern, repaired where it only has needless escapes or a regular expression literal's slashes, and without the
 * upper bounds of repetitions that are too large to be counted.
 */
export function checkPattern(given: string): PatternCheck {
  if (given.length > MAX_LENGTH) return { fault: `longer than ${MAX_LENGTH} characters` };
  const [, body, flags = ''] = /^\/(\^.*\$)\/([dgimsuvy]*)$/s.exec(given) ?? [];
  const meaning = /[ims]/.exec(flags);
  if (meaning !== null) return { fault: `a literal with the flag ${meaning[0]}, which a pattern cannot have` };
  const literal = body ?? given;
  const pattern = compilesUnicode(literal) ? literal : withoutNeedlessEscapes(literal);
  if (!compilesUnicode(pattern)) return { fault: 'not an ECMAScript regular expression' };
  const uncounted = withoutLargeCounts(pattern);
  const matches = matcherOf(uncounted);
  if (matches === undefined) return { fault: 'a linear-time engine cannot match it' };
  if (uncounted === pattern) return { pattern, matches };
  const weaker = `repetitions of more than ${MAX_REPETITIONS} are not counted`;
  return { pattern: uncounted, matches, weaker };
}

function matcherOf(pattern: string): ((text: string) => boolean) | undefined {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return (text) => compiled.matcher(text).find();
  } catch {
    // RE2JS throws for what a linear-time engine cannot express: look-around, back-references.
    return undefined;
  }
}

/** `.{1,2048}` as `.{1,}`; what is escaped or in a class is no count. */
function withoutLargeCounts(pattern: string): string {
  const tokens = /\\.|\[(?:\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}/gsu;
  return pattern.replace(tokens, (token, least: string | undefined, most: string | undefined) => {
    if (least === undefined || Math.max(Number(least), Number(most ?? 0)) <= MAX_REPETITIONS) return token;
    return `{${Math.min(Number(least), MAX_REPETITIONS)},}`;
  });
}

function compilesUnicode(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false; // RegExp throws for nothing but a syntax error.
  }
}

/** Without the `u` flag `\@` means `@`, and `\-` a hyphen; with it they are errors. */
function withoutNeedlessEscapes(pattern: string): string {
  let repaired = '';
  let inClass = false;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    const next = pattern[index + 1];
    if (character === '\\' && next !== undefined) {
      const isNeedless = /[^\w^$\\.*+?()[\]{}|/-]|_/.test(next) || (next === '-' && !inClass);
      repaired += isNeedless ? next : character + next;
      index++;
      continue;
    }
    if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    repaired += character;
  }
  return repaired;
}
