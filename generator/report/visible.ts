/**
 * Text from documents for a terminal or a log: what would move the cursor, hide or reorder what is read, begin a line of
 * its own, or be taken for a command by a CI system, is shown as what it is.
 */

/** Controls, line and paragraph separators, format characters (the bidirectional among them), lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** One line. GitHub takes `##[` for a command anywhere in one. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped).replaceAll('##[', '#\\u{23}[');
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
