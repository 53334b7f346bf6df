/**
 * A closed loop of callers: each sends its next request when it has the answer to the one before. Answers are kept as
 * text and read after the clock has stopped, so that reading them costs nobody's figure.
 */

import { Pool } from 'undici';

import { postRpc, type RpcTarget } from './json-rpc.js';

export interface Load {
  readonly callsPerSecond: number;
  readonly answers: readonly string[];
}

export interface LoadOptions extends RpcTarget {
  readonly origin: string;
  readonly atOnce: number;
  readonly forMs: number;
  readonly body: (id: number) => string;
}

/** Resolves when every request that was sent is answered; their time counts. */
export async function load(options: LoadOptions): Promise<Load> {
  const { origin, atOnce, forMs, body } = options;
  const pool = new Pool(origin, { connections: atOnce, pipelining: 1 });
  const answers: string[] = [];
  const startMs = performance.now();
  let id = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - startMs < forMs) answers.push(await postRpc(pool, options, origin, body(++id)));
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, caller));
    return { callsPerSecond: (answers.length * 1000) / (performance.now() - startMs), answers };
  } finally {
    await pool.destroy();
  }
}
