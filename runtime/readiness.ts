/**
 * Whether the gateway can take calls, told to whoever sends it traffic: what is wrong in words of its own, for they are
 * read by anybody. What the database's driver says of it goes to the log alone.
 */

import type { Logger } from 'pino';

import { GatewayError } from './gateway-error.js';
import type { PausingLedger } from './ledger/pausing-ledger.js';
import type { Store } from './store/store.js';

export interface ReadinessOptions {
  readonly store: Pick<Store, 'write'>;
  readonly ledger: Pick<PausingLedger, 'assertTakesCalls' | 'failsCalls'>;
  readonly endpoints: () => number;
  readonly draining: () => boolean;
  readonly logger: Logger;
  /** How long a write may take, in milliseconds. */
  readonly writeTimeoutMs?: number;
}

/** Anybody may ask, and a write is dear: it is made once in this time at most. */
const WRITE_EVERY_MS = 2_000;
const WRITE_TIMEOUT_MS = 2_000;

/** A row that is written as it is: it takes the lock, the disk and the flush that a call takes. */
const WRITE = 'UPDATE schema_versions SET applied_at_ms = applied_at_ms WHERE version = 1';

/** Resolves with what is not well; nothing when calls can be taken. */
export function createReadiness(options: ReadinessOptions): () => Promise<readonly string[]> {
  const { store, ledger, endpoints, draining, logger, writeTimeoutMs = WRITE_TIMEOUT_MS } = options;
  let writing: Promise<string | undefined> | undefined;

  /** What is wrong with the store, as of a moment ago. */
  function storeProblem(): Promise<string | undefined> {
    if (writing !== undefined) return writing;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('the database does not take writes in time'), writeTimeoutMs);
    });
    const written = store
      .write((sql) => sql.rows(WRITE))
      .then(
        () => undefined,
        (error: unknown) => {
          logger.error({ err: error as Error }, 'the database takes no writes');
          return 'the database takes no writes';
        },
      );
    writing = Promise.race([written, late]).finally(() => clearTimeout(timer));
    setTimeout(() => (writing = undefined), WRITE_EVERY_MS).unref();
    return writing;
  }

  return async () => {
    if (draining()) return ['the gateway is shutting down'];
    const problems = [ledgerProblem(ledger), await storeProblem()];
    // The write that is made here is small, and may find room on a disk where a call finds none.
    if (ledger.failsCalls()) problems.push('the last call could not be stored');
    if (endpoints() === 0) problems.push('the catalogue has no endpoints');
    return problems.filter((problem) => problem !== undefined);
  };
}

/** Books that contradict themselves, or a receipt key that ends. */
function ledgerProblem(ledger: ReadinessOptions['ledger']): string | undefined {
  try {
    ledger.assertTakesCalls();
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return error.message;
  }
}
