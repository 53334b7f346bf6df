/**
 * One line of text that cannot disturb a terminal or a reader: control and bidirectional characters are gone, runs of
 * white space are one space. For what settings say; the document's own texts are cleaned by `normalize/`.
 */
export function plainLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .replace(/[\p{Cs}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu, '')
    .trim();
}
