/** `tollgate sandbox`: the sandbox upstream alone, for trying its endpoints by hand or from tests. */

import { Command } from 'commander';

import { newId, systemClock } from '../clock.js';
import { SANDBOX_PORT } from '../sandbox/sandbox-port.js';
import { port } from './options.js';

export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description("run the sandbox provider's upstream alone")
    .option('--port <n>', 'the port to listen on; 0 for any', port, String(SANDBOX_PORT))
    .option('--key <key>', 'the key that its secured endpoints accept (default: a new one, printed)')
    .action(async (flags: { port: string; key?: string }) => {
      const key = flags.key ?? newId(systemClock, 'sandbox');
      const { startSandbox } = await import('../sandbox/start-sandbox.js');
      const sandbox = await startSandbox({ port: Number(flags.port), key });
      console.log(`the sandbox upstream is listening: ${sandbox.url}`);
      if (flags.key === undefined) console.log(`its key: ${key}`);
      const stop = (): void => void sandbox.close().then(() => process.exit(0));
      process.on('SIGTERM', stop);
      process.on('SIGINT', stop);
    });
}
