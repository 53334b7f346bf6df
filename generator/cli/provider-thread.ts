/** The body of a thread of `run-in-threads.ts`: generates each provider that it is sent, and sends back the result. */

import { parentPort, workerData } from 'node:worker_threads';
import { generateProvider, type ProviderOptions } from '../generate.js';
import type { ProviderSource } from '../settings/discover-providers.js';

const options = workerData as ProviderOptions;

parentPort?.on('message', ([index, source]: readonly [number, ProviderSource]) => {
  generateProvider(source, options).then(
    (result) => parentPort?.postMessage([index, result]),
    // A bug, not a fault of the input: thrown where the thread's owner hears of it.
    (error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
  );
});
