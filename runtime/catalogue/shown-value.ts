/**
 * A value that a caller sent, as a message may show it: short, of visible characters alone, and never where its name or
 * its schema says that it is a secret. Of what holds other values only its kind is said, as one of them may be secret.
 */

const MOST_CHARACTERS = 60;
/** In a name, its words apart: whatever it holds is nobody else's to read. */
const SECRET =
  /passw|passphrase|secret|credential|(api|private|access).?key|auth$|auth[-_]|authori[sz]|cookie|card.?num|(?<![a-z])(pass|pwd|pin|cv[vc]2?|ssn|otp|jwt)(?![a-z])/i;
/** These name a secret where they are texts; `max_tokens` is a number. */
const SECRET_TEXT = /token|key$|signature|bearer|session/i;

/**
 * @param names of the value and of what it is in.
 * @param schema which the value breaks, where it is known.
 * @returns undefined where it is not to be shown.
 */
export function shownValue(value: unknown, names: readonly string[], schema?: unknown): string | undefined {
  if (isSecret(value, names, schema)) return undefined;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  // What a text of JSON holds is like an object.
  if (typeof value === 'string' && /^\s*[[{]/.test(value)) return 'a text';
  return visible(value);
}

function isSecret(value: unknown, names: readonly string[], schema: unknown): boolean {
  const { format, writeOnly } = (typeof schema === 'object' && schema !== null ? schema : {}) as {
    readonly format?: unknown;
    readonly writeOnly?: unknown;
  };
  if (format === 'password' || writeOnly === true) return true;
  return names.some((name) => {
    const words = name.replace(/(?<=[a-z\d])(?=[A-Z])/g, '_');
    return SECRET.test(words) || (typeof value === 'string' && SECRET_TEXT.test(words));
  });
}

/** As much of a text as a message may show of it. */
export function shortened(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS).toWellFormed()}…` : text;
}

function visible(value: unknown): string {
  const short = typeof value === 'string' ? shortened(value) : value;
  return (JSON.stringify(short) ?? typeof value).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}
