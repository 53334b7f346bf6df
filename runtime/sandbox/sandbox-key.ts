/**
 * The one secret that the sandbox accepts, in every place where a credential can travel.
 *
 * Invariant: whatever passed through `mask` holds the key in none of the forms in which it can arrive. This class does
 * not try to be a vault: `runtime/credential/` is the gateway's side of the same story.
 */

import { createHash, timingSafeEqual } from 'node:crypto';

import { RefusedCommand } from '../refused-command.js';

/** The user name of HTTP Basic authentication and the client id of OAuth2: the key itself is the password and the secret. */
export const SANDBOX_USER = 'sandbox';

/** What stands in the place of a masked key. */
const KEY_MASK = '[the sandbox key]';

/** A key as it was received, in the forms that a redactor has to know. */
export interface KeyForms {
  readonly raw: string;
  readonly base64: string;
  readonly url_encoded: string;
}

export class SandboxKey {
  readonly #text: string;
  readonly #masked: readonly string[];

  /**
   * @param text 8 to 200 visible ASCII characters without `"`, `,`, `;` and `\`, so that it travels unchanged as a
   *   header value, a cookie value (RFC 6265 section 4.1.1) and a password.
   * @throws RefusedCommand when it is anything else.
   */
  constructor(text: string) {
    if (!/^[!#-+\--:<-[\]-~]{8,200}$/.test(text)) {
      throw new RefusedCommand(
        'the sandbox key must be 8 to 200 visible ASCII characters without quotes, commas, semicolons and backslashes',
      );
    }
    this.#text = text;
    const { raw, base64, url_encoded } = keyForms(text);
    const basic = Buffer.from(`${SANDBOX_USER}:${text}`).toString('base64');
    this.#masked = [basic, base64, base64.replace(/=+$/, ''), url_encoded, raw];
  }

  /** Whether `candidate` is the key; takes the same time whatever it is. */
  matches(candidate: string | undefined): boolean {
    return candidate !== undefined && timingSafeEqual(digest(candidate), digest(this.#text));
  }

  /** `text` with the key taken out: raw, base64, percent-encoded, and as Basic credentials. */
  mask(text: string): string {
    return this.#masked.reduce((masked, form) => masked.replaceAll(form, KEY_MASK), text);
  }

  /** A value that only the holder of the key can compute. */
  derive(purpose: string): string {
    return createHash('sha256').update(`${this.#text}\n${purpose}`).digest('hex');
  }
}

/** The forms in which a careless upstream may repeat `received`. */
export function keyForms(received: string): KeyForms {
  return {
    raw: received,
    base64: Buffer.from(received).toString('base64'),
    url_encoded: encodeURIComponent(received),
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
