/**
 * The sandbox as the gateway runs it: on its usual port, or any other where that one is taken, with a key that is made
 * anew at each start and that no one but the gateway's vault is told.
 */

import { newId, type Clock } from '../clock.js';
import { Secret } from '../credential/secret.js';
import { credentialVariable } from '../provider-variable.js';
import { startSandbox, type Sandbox } from './start-sandbox.js';
import { SANDBOX_USER } from './sandbox-key.js';
import { SANDBOX_PORT } from './sandbox-port.js';

export interface RunningSandbox extends Sandbox {
  /** The value of a variable such as `TOLLGATE_CREDENTIAL_SANDBOX_BEARER`. */
  readonly credential: (variable: string) => Secret | undefined;
}

export async function runSandbox(clock: Clock): Promise<RunningSandbox> {
  const key = newId(clock, 'sandbox');
  const sandbox = await start(key);
  const pair = `${SANDBOX_USER}:${key}`;
  const values = { bearer: key, headerKey: key, queryKey: key, cookieKey: key, basic: pair, oauth: pair };
  const secrets = new Map(
    Object.entries(values).map(([scheme, value]) => [credentialVariable('sandbox', scheme), new Secret(value)]),
  );
  return {
    url: sandbox.url,
    port: sandbox.port,
    get requests() {
      return sandbox.requests;
    },
    close: () => sandbox.close(),
    credential: (variable) => secrets.get(variable),
  };
}

async function start(key: string): Promise<Sandbox> {
  try {
    return await startSandbox({ port: SANDBOX_PORT, key });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startSandbox({ port: 0, key });
  }
}
