/**
 * Prism (@stoplight/prism-http-server, as the command `prism mock` runs it) as a mock of one document at a time, in a
 * process beside this one: a document that hangs it or breaks it costs that process, and the next one a new start.
 */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { HostAnswer } from './prism-host.js';
import { killAtExit } from './stop-at-exit.js';

const HOST = join(import.meta.dirname, 'prism-host.ts');
/** Documents after which the process is a new one: what bounds its memory. */
const MOST_DOCUMENTS = 50;

/** Prism could not load a document, or not in time. */
export class PrismNotStarted extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PrismNotStarted';
  }
}

export class Prism {
  readonly #timeoutMs: number;
  #host: ChildProcess | undefined;
  #mocked = 0;

  /** @param timeoutMs how long loading a document may take, Prism itself included */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** The URL of a mock of the document, until the next one is asked for. @throws PrismNotStarted */
  async mock(documentFile: string): Promise<string> {
    // A request may have ended the process since the last document.
    if (this.#mocked >= MOST_DOCUMENTS || this.#host?.connected === false) this.stop();
    const host = (this.#host ??= startHost());
    this.#mocked += 1;
    host.send(documentFile);
    const over = new AbortController();
    const overdue = setTimeout(() => over.abort(), this.#timeoutMs);
    try {
      const { signal } = over;
      const answered = once(host, 'message', { signal });
      const ended = once(host, 'exit', { signal }).then(() => [{ fault: 'its process ended' }]);
      const [answer] = (await Promise.race([answered, ended])) as [HostAnswer];
      if ('url' in answer) return answer.url;
      throw new PrismNotStarted(`Prism cannot mock it: ${answer.fault}`);
    } catch (error) {
      this.stop();
      if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
      throw new PrismNotStarted(`Prism did not load it in ${this.#timeoutMs / 1000} s`);
    } finally {
      clearTimeout(overdue);
      // Whichever of the two did not happen is waited for no longer.
      over.abort();
    }
  }

  stop(): void {
    this.#host?.kill('SIGKILL');
    this.#host = undefined;
    this.#mocked = 0;
  }
}

function startHost(): ChildProcess {
  const host = fork(HOST, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  killAtExit(host);
  return host;
}
