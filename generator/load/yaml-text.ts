/** What the readers of YAML share: those of documents, and those of the settings beside them. */

import { isScalar, type YAMLError } from 'yaml';

/**
 * The text with a line feed for each carriage return that has none behind it. YAML takes either for a line break (YAML
 * 1.2.2 section 5.4), the library does not. Offsets stay the same.
 */
export function withLineFeeds(text: string): string {
  return text.replace(/\r(?!\n)/g, '\n');
}

/** The text of a key, whatever its type: 1 and "1" are one key in the end. */
export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

const REMEDIES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'keep one of the two',
  MULTIPLE_DOCS: 'keep one document: delete from the --- on',
  TAB_AS_INDENT: 'indent with spaces',
  TAG_RESOLVE_FAILED: 'write the value without the tag',
};

export function syntaxFault({ code, message }: YAMLError): { readonly message: string; readonly remedy: string } {
  // Behind the semicolon the library advises programmers who call it.
  return { message: message.split(';', 1).join(), remedy: REMEDIES[code] ?? 'correct the text at this line' };
}
