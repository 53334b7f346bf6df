/**
 * Checks that a `pattern` can be used: it has to compile as an ECMAScript regular expression with the `u` flag, as JSON
 * Schema 2020-12 says (section 6.4), and in RE2's syntax, because arguments are matched by an engine that takes linear
 * time whatever the pattern.
 */

import { RE2JS } from 're2js';

export type PatternCheck =
  { readonly pattern: string; readonly matches: (text: string) => boolean } | { readonly fault: string };

/** Longer ones are not patterns but tables. */
const MAX_LENGTH = 5_000;

/** The pattern, repaired where it only has needless escapes or a regular expression literal's slashes. */
export function checkPattern(given: string): PatternCheck {
  if (given.length > MAX_LENGTH) return { fault: `longer than ${MAX_LENGTH} characters` };
  const [, body, flags = ''] = /^\/(\^.*\$)\/([dgimsuvy]*)$/s.exec(given) ?? [];
  const meaning = /[ims]/.exec(flags);
  if (meaning !== null) return { fault: `a literal with the flag ${meaning[0]}, which a pattern cannot have` };
  const literal = body ?? given;
  const pattern = compilesUnicode(literal) ? literal : withoutNeedlessEscapes(literal);
  if (!compilesUnicode(pattern)) return { fault: 'not an ECMAScript regular expression' };
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { pattern, matches: (text) => compiled.matcher(text).find() };
  } catch {
    // RE2JS throws for what a linear-time engine cannot express (look-around, back-references, large repetitions).
    return { fault: 'a linear-time engine cannot match it' };
  }
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
