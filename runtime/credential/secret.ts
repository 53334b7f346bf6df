/**
 * A value that must not leave the process by accident: it prints as `[redacted]` wherever a program prints things.
 * Only `reveal` gives it away, so that a search for `reveal(` finds every place that handles a secret in the clear.
 */

import { inspect } from 'node:util';

const REDACTED = '[redacted]';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
