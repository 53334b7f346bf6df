/** The access tokens that the sandbox has issued (OAuth 2.0 client credentials, RFC 6749 section 4.4). */

import type { SandboxKey } from './sandbox-key.js';

export const TOKEN_LIFETIME_SECONDS = 60;

/** The oldest are forgotten first. */
const MAX_TOKENS = 1000;

export class TokenServer {
  readonly #key: SandboxKey;
  readonly #nowMs: () => number;
  /** Token → when it ends. */
  readonly #endsMs = new Map<string, number>();
  #issued = 0;

  constructor(key: SandboxKey, nowMs: () => number) {
    this.#key = key;
    this.#nowMs = nowMs;
  }

  /** A new token: the first, second, third of one key are the same in every sandbox. */
  issue(): string {
    this.#issued += 1;
    const token = `sandbox-token-${this.#issued}-${this.#key.derive(`token ${this.#issued}`).slice(0, 32)}`;
    this.#endsMs.set(token, this.#nowMs() + TOKEN_LIFETIME_SECONDS * 1000);
    const [oldest] = this.#endsMs.keys();
    if (this.#endsMs.size > MAX_TOKENS && oldest !== undefined) this.#endsMs.delete(oldest);
    return token;
  }

  isLive(token: string): boolean {
    return (this.#endsMs.get(token) ?? -Infinity) > this.#nowMs();
  }

  /** Ends every token at once, and answers how many were still live. */
  revokeAll(): number {
    const live = [...this.#endsMs.keys()].filter((token) => this.isLive(token)).length;
    this.#endsMs.clear();
    return live;
  }
}
