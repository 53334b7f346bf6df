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
 * The pattern, repaired where it only has needless escapes or a regular expression literal's slashes; without what a
 * linear-time engine cannot check, where the rest still says something: look-around, and counts that are too large.
 */
export function checkPattern(given: string): PatternCheck {
  if (given.length > MAX_LENGTH) return { fault: `longer than ${MAX_LENGTH} characters` };
  const [, body, flags = ''] = /^\/(\^.*\$)\/([dgimsuvy]*)$/s.exec(given) ?? [];
  const meaning = /[ims]/.exec(flags);
  if (meaning !== null) return { fault: `a literal with the flag ${meaning[0]}, which a pattern cannot have` };
  const literal = body ?? given;
  const pattern = compilesUnicode(literal) ? literal : withoutNeedlessEscapes(literal);
  if (!compilesUnicode(pattern)) return { fault: 'not an ECMAScript regular expression' };
  const weakened = [
    { change: withoutLookAround, weaker: 'what it asserts by look-around is not checked' },
    { change: withoutLargeCounts, weaker: `repetitions of more than ${MAX_REPETITIONS} are not counted` },
  ];
  let usable = pattern;
  const weaker: string[] = [];
  for (const step of weakened) {
    const changed = step.change(usable);
    if (changed !== usable) weaker.push(step.weaker);
    usable = changed;
  }
  const matches = matcherOf(usable);
  if (matches === undefined) return { fault: 'a linear-time engine cannot match it' };
  return { pattern: usable, matches, ...(weaker.length > 0 ? { weaker: weaker.join('; ') } : {}) };
}

function matcherOf(pattern: string): ((text: string) => boolean) | undefined {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return (text) => compiled.matcher(text).find();
  } catch {
    // RE2JS throws for what a linear-time engine cannot express, such as back-references.
    return undefined;
  }
}

/** What is escaped, a class, a parenthesis with what it says of its group, a count; anything else stands for itself. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?[=!]|[()]|\{(\d+)(?:,(\d*))?\}/gsu;

/** An assertion only ever narrows what it stands in, so that without it no text is refused that was allowed before. */
function withoutLookAround(pattern: string): string {
  let kept = '';
  let from = 0;
  let depth = 0;
  for (const { 0: token, index } of pattern.matchAll(TOKEN)) {
    if (depth > 0) {
      if (token.startsWith('(')) depth += 1;
      else if (token === ')') depth -= 1;
      if (depth === 0) from = index + 1;
    } else if (token.length > 1 && token.startsWith('(')) {
      kept += pattern.slice(from, index);
      depth = 1;
    }
  }
  return kept + pattern.slice(from);
}

/** `.{1,2048}` as `.{1,}`. */
function withoutLargeCounts(pattern: string): string {
  return pattern.replace(TOKEN, (token, least: string | undefined, most: string | undefined) => {
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
