/**
 * The generator's program that follows `specs/`, as a process of its own beside the gateway: the gateway carries none of
 * its weight, and a document that brings it down brings nothing else down. Where it ends by itself that is reported, and
 * it is started again, each time a little later. It ends when the gateway does, however that ends.
 */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What the program says. */
export interface GeneratorMessage {
  /** For the operator. */
  readonly told: readonly string[];
  /** The folder of a new catalogue, complete. */
  readonly catalogue?: string;
}

export interface GeneratorProcessOptions {
  /** The module to run. */
  readonly program: string;
  /** Of the program, as they are to be now. */
  readonly args: () => readonly string[];
  readonly onMessage: (message: GeneratorMessage) => void;
  readonly say: (line: string) => void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export class GeneratorProcess {
  #child: ChildProcess;
  #pauseMs = FIRST_PAUSE_MS;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: GeneratorProcessOptions) {
    this.#child = this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    // It may be amid a long document, and has nothing that must be finished.
    child.kill('SIGKILL');
    await ended;
  }

  #start(): ChildProcess {
    const { program, args, onMessage } = this.options;
    const child = fork(program, args(), {
      execArgv: process.execArgv,
      // Standard output is the gateway's greeting alone.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    child.on('message', (message) => {
      this.#pauseMs = FIRST_PAUSE_MS;
      onMessage(message as GeneratorMessage);
    });
    child.once('exit', (code, signal) => this.#startAgain(`ended (${signal ?? `exit code ${code}`})`));
    child.on('error', ({ code }: NodeJS.ErrnoException) => {
      // Where there is a process, its end is told besides.
      if (child.pid === undefined) this.#startAgain(`could not be started (${code})`);
    });
    return child;
  }

  #startAgain(why: string): void {
    if (this.#closed) return;
    this.options.say(`the generator ${why}; the catalogue stays, a new start is in ${this.#pauseMs / 1_000} s`);
    this.#restart = setTimeout(() => (this.#child = this.#start()), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }
}
