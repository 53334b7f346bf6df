/**
 * A way to a PostgreSQL server on which all clients share one connection of it, as a pooler lends one for a transaction
 * each. The first client logs in for all of them. Only one of them may talk at a time.
 */

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** AuthenticationOk, and ReadyForQuery outside of a transaction. */
const LOGGED_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
const TERMINATE = 'X'.charCodeAt(0);

export class SharedConnection {
  readonly #target: URL;
  readonly #server: Socket;
  readonly #clients = createServer((client) => this.#serve(client));
  #talking: Socket | undefined;

  constructor(target: string) {
    this.#target = new URL(target);
    this.#server = connect(Number(this.#target.port), this.#target.hostname);
    this.#server.on('data', (data) => this.#talking?.write(data));
  }

  /** The server's address by this way. */
  async open(): Promise<string> {
    await once(this.#clients.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${(this.#clients.address() as AddressInfo).port}`;
    return url.href;
  }

  close(): void {
    this.#clients.close();
    this.#server.destroy();
  }

  #serve(client: Socket): void {
    let loggedIn = this.#talking === undefined;
    client.on('data', (data) => {
      this.#talking = client;
      if (!loggedIn) client.write(LOGGED_IN);
      else if (data[0] === TERMINATE) client.end();
      else this.#server.write(data);
      loggedIn = true;
    });
  }
}
