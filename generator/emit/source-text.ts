/**
 * Text from a document as TypeScript source. A document may say anything (quotes, back-ticks, comment ends, line
 * separators, bidirectional overrides): as a string it reads back as what was said, in a comment it stays a comment.
 */

/**
 * Characters that end a line for some reader or reorder what a reviewer sees (the "Trojan Source" overrides), and a
 * byte order mark. All of them may stand for themselves in a string or a comment, so escaping them changes no meaning.
 */
const MISLEADING = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Any JSON value as a TypeScript literal: `JSON.stringify`, in which nothing is left that could mislead. */
export function literal(value: unknown): string {
  return escapeMisleading(JSON.stringify(value));
}

/** Source with every misleading character written as `\uXXXX`; only for text in which such an escape is the same. */
export function escapeMisleading(source: string): string {
  return source.replace(MISLEADING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A line of a doc comment: no line break, no comment end, no tag of its own. */
export function commentLine(text: string): string {
  // Controls go first: a comment end may not come into being by taking something out of the middle.
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim();
  return escapeMisleading(line).replaceAll('*/', '*\\/').replace(/^@/, '\\@');
}
