/**
 * Several keys for one scheme, which take turns. A key that the upstream limits (429) is left alone until its time is
 * over; one that it refuses (401, 403, a certificate) is taken only where there is no other. It is not given up, for a
 * refusal may be about what was asked for: no caller can take a provider's keys away from everybody else by asking for
 * what is forbidden.
 *
 * A key that is alone is always taken: whether it is limited is for the upstream to say.
 */

import type { RefusalStatus } from './credential.js';
import type { Secret } from './secret.js';

/** How long a key rests where the upstream does not say. */
const REST_MS = 30_000;
/** However long the upstream says. */
const LONGEST_REST_MS = 3_600_000;

/** Both in epoch milliseconds. */
interface Rest {
  readonly fromMs: number;
  readonly untilMs: number;
}

const NO_REST: Rest = { fromMs: 0, untilMs: 0 };

interface Key {
  readonly secret: Secret;
  limited: Rest;
  doubted: Rest;
}

export class KeyPool {
  #keys: readonly Key[] = [];
  #next = 0;

  get size(): number {
    return this.#keys.length;
  }

  /** Takes other keys from now on. What is known of those that stay is kept. */
  use(secrets: readonly Secret[]): void {
    const known = new Map(this.#keys.map((key) => [key.secret.reveal(), key]));
    this.#keys = secrets.map((secret) => {
      const { limited = NO_REST, doubted = NO_REST } = known.get(secret.reveal()) ?? {};
      return { secret, limited, doubted };
    });
  }

  /** The key whose turn it is, or how long it takes until there is one again. */
  take(nowMs: number): Secret | { readonly waitMs: number } {
    const [only] = this.#keys;
    if (this.#keys.length === 1) return only!.secret;
    const inTurn = this.#keys.map((_, index) => this.#keys[(this.#next + index) % this.#keys.length]!);
    const open = inTurn.filter(({ limited }) => !isIn(limited, nowMs));
    const key = open.find(({ doubted }) => !isIn(doubted, nowMs)) ?? open[0];
    if (key === undefined) return { waitMs: Math.min(...this.#keys.map(({ limited }) => limited.untilMs)) - nowMs };
    this.#next = this.#keys.indexOf(key) + 1;
    return key.secret;
  }

  /**
   * @param waitMs what the upstream asks for.
   * @returns whether there is another key at hand, of which nothing bad is known.
   */
  refused(secret: Secret, status: RefusalStatus, nowMs: number, waitMs: number | undefined): boolean {
    if (this.#keys.length < 2) return false;
    const key = this.#keys.find((each) => each.secret.reveal() === secret.reveal());
    if (key !== undefined && status === 429) {
      key.limited = { fromMs: nowMs, untilMs: nowMs + Math.min(waitMs ?? REST_MS, LONGEST_REST_MS) };
    } else if (key !== undefined) {
      key.doubted = { fromMs: nowMs, untilMs: nowMs + REST_MS };
    }
    return this.#keys.some(({ limited, doubted }) => !isIn(limited, nowMs) && !isIn(doubted, nowMs));
  }
}

/** A rest that has not begun is over: the clock was set back. */
function isIn({ fromMs, untilMs }: Rest, nowMs: number): boolean {
  return fromMs <= nowMs && nowMs < untilMs;
}
