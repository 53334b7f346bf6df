/**
 * The gateway as an operator runs it, a process of its own that can be killed at any moment. It runs from `dist/` where
 * that is as new as the sources, since it starts several times quicker from there.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { tollgateCommand } from '../bench/tollgate-command.js';

export interface GatewayProcess {
  readonly url: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Asks it to finish what is under way and to end; fails where it does not end well. */
  stop(): Promise<void>;
}

const { args } = tollgateCommand();

/** Resolves when it takes calls. Fails, with what it said, where it does not start: on books that are not sound, say. */
export async function startGatewayProcess(environment: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  // Nothing of the developer's own settings reaches the gateway.
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const child = spawn(process.execPath, [...args, 'serve', '--port', '0'], {
    cwd: PACKAGE_ROOT,
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const ended = once(child, 'close').finally(() => process.off('exit', killWithUs)) as Promise<[number | null]>;
  let said = '';
  child.stderr.on('data', (part) => (said = (said + String(part)).slice(-4_000)));

  let greeting = '';
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    greeting += String(part);
    const [, url] = /Tollgate is listening: (\S+)\/mcp/.exec(greeting) ?? [];
    if (url === undefined) continue;
    // What it prints later must not fill the pipe.
    child.stdout.resume();
    return {
      url,
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
      },
      stop: async () => {
        child.kill('SIGTERM');
        const [code] = await ended;
        if (code !== 0) throw new Error(`the gateway ended with ${String(code)}: ${said}`);
      },
    };
  }
  await ended;
  throw new Error(`the gateway did not start: ${said}`);
}
