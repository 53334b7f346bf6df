/**
 * Signs in a thread of its own, so that the thread which answers calls does not wait for elliptic curves. A batch of
 * digests is one message each way.
 *
 * Invariant: a promise of `sign` is always settled. A thread that has ended is not started again: whoever asks signs by
 * itself from then on. The key is handed over once, as bytes, and is in no message after that.
 */

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { signDigests } from './sign-digests.js';

interface Job {
  readonly resolve: (signatures: Uint8Array) => void;
  readonly reject: (reason: Error) => void;
}

/** Tells the thread that signs from any other that loads this module. */
const ROLE = 'tollgate: sign digests';

export class SigningThread {
  readonly #worker: Worker;
  /** In the order in which they were sent, which is the order in which they are answered. */
  readonly #jobs: Job[] = [];
  #ended: Error | undefined;

  /**
   * @param privateKey 32 bytes.
   * @param entry what the thread loads: this module, or one that imports it.
   */
  constructor(privateKey: Uint8Array, entry: URL) {
    this.#worker = new Worker(entry, { workerData: { role: ROLE, key: new Uint8Array(privateKey) } });
    this.#worker.on('message', (signatures: Uint8Array) => this.#jobs.shift()!.resolve(signatures));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new Error(`the thread that signs receipts ended with code ${code}`)));
    // A thread that waits for work keeps no process alive.
    this.#worker.unref();
  }

  /**
   * The signatures of digests that stand one after the other.
   * @throws Error where the thread has ended, or ends before it has answered.
   */
  sign(digests: Uint8Array): Promise<Uint8Array> {
    return new Promise<Uint8Array>((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#jobs.push({ resolve, reject });
      this.#worker.postMessage(digests);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const { reject } of this.#jobs.splice(0)) reject(reason);
  }
}

function serve(key: Uint8Array): void {
  parentPort!.on('message', (digests: Uint8Array) => {
    const signatures = signDigests(digests, key);
    parentPort!.postMessage(signatures, [signatures.buffer]);
  });
}

if (!isMainThread && (workerData as { role?: unknown } | null)?.role === ROLE) {
  serve((workerData as { key: Uint8Array }).key);
}
