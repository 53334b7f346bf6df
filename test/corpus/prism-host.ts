/**
 * The process that mocks run in: one document after another, as the parent asks for them by message. Loading Prism takes
 * longer than mocking a document, so it is done once for many.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';

import { CACHE } from './packages.js';

/** What comes back for the path of a document. */
export type HostAnswer = { readonly url: string } | { readonly fault: string };

/** As much of Prism's own packages as is used here. */
interface PrismHttp {
  getHttpOperationsFromSpec(documentFile: string): Promise<readonly unknown[]>;
}
interface PrismHttpServer {
  createServer(operations: readonly unknown[], options: Readonly<Record<string, unknown>>): Server;
}
/** What reads the parameters of one place, by their style. */
interface PrismReaders {
  readonly header: { simple: (name: string, values: Readonly<Record<string, unknown>>, ...rest: unknown[]) => unknown };
}
interface PrismCore {
  createLogger(name: string, options: { readonly level: string }): unknown;
}
interface Server {
  /** The URL that it answers at. */
  listen(port: number, host: string): Promise<string>;
  close(): Promise<void>;
}

const load = createRequire(join(CACHE, 'package.json'));
const prismHttp = load('@stoplight/prism-http') as PrismHttp;
const prismHttpServer = load('@stoplight/prism-http-server') as PrismHttpServer;
const { header } = load('@stoplight/prism-http/dist/validator/deserializers') as PrismReaders;
const logger = (load('@stoplight/prism-core') as PrismCore).createLogger('corpus', { level: 'silent' });

// Prism ends its process over a list or an object in a header that was not sent, where it need not be.
const { simple } = header;
header.simple = (name, values, ...rest) => (values[name] === undefined ? undefined : simple(name, values, ...rest));

/** As the command `prism mock` sets it. */
const CONFIG = {
  isProxy: false,
  validateRequest: true,
  validateResponse: true,
  checkSecurity: true,
  errors: false,
  mock: { dynamic: false },
};

let running: Server | undefined;

process.on('message', (documentFile: string) => {
  void mock(documentFile).then((answer) => process.send?.(answer));
});
process.once('disconnect', () => process.exit());

async function mock(documentFile: string): Promise<HostAnswer> {
  await running?.close();
  running = undefined;
  try {
    const operations = await prismHttp.getHttpOperationsFromSpec(documentFile);
    const server = prismHttpServer.createServer(operations, { cors: false, config: CONFIG, components: { logger } });
    const url = await server.listen(0, '127.0.0.1');
    running = server;
    return { url };
  } catch (error) {
    // Whatever keeps Prism from loading a document is the parent's to tell of.
    return { fault: (error instanceof Error ? error.message : String(error)).slice(0, 500) };
  }
}
