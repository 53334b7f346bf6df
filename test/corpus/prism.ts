/**
 * Runs Prism (@stoplight/prism-cli) as a mock of one document, in a process of its own. A mock judges every request
 * against the document: without `--errors`, as here, it says what breaks the document in the `sl-violations` header,
 * and still answers a request that is right when its own answer is not.
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { packageFolder } from './packages.js';
import { killAtExit } from './stop-at-exit.js';

const KEPT_CHARACTERS = 4_000;
const LISTENING = /Prism is listening on (http:\/\/[\d.]+:\d+)/;

/** Prism could not load a document, or not in time. */
export class PrismNotStarted extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PrismNotStarted';
  }
}

export interface RunningPrism {
  readonly url: string;
  stop(): void;
}

/** @throws PrismNotStarted */
export async function startPrism(documentFile: string, timeoutMs: number): Promise<RunningPrism> {
  const program = join(packageFolder('@stoplight/prism-cli'), 'dist', 'index.js');
  const child = spawn(process.execPath, [program, 'mock', '--port', '0', '--cors', 'false', documentFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', NODE_ENV: 'test' },
  });
  killAtExit(child);
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new PrismNotStarted(`Prism ${why}: ${said.trim().slice(-500) || 'it said nothing'}`));
    };
    const overdue = setTimeout(() => fail(`did not start in ${timeoutMs / 1000} s`), timeoutMs);
    child.once('exit', (code) => {
      clearTimeout(overdue);
      fail(`ended with ${String(code)}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      // It is read to the end of the child's life: a full pipe would stop it.
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-KEPT_CHARACTERS);
        const found = LISTENING.exec(said)?.[1];
        if (found === undefined) return;
        clearTimeout(overdue);
        resolve(found);
      });
    }
  });
  return { url, stop: () => void child.kill('SIGKILL') };
}
