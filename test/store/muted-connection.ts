/** A way to a server that can fall silent, as a network does that swallows packets: nothing arrives, and nothing ends. */

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export class MutedConnection {
  readonly #server = createServer((client) => this.#pass(client));
  readonly #target: URL;
  readonly #muted = new Set<() => void>();
  #muteAfter: string | undefined;
  #breakBefore: string | undefined;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  /** The server's address by this way. */
  async open(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** Nothing comes through any more on the connections that there are; a new one is as good as any. */
  mute(): void {
    for (const mute of this.#muted) mute();
  }

  /** The next connection that sends these words is not answered from then on; what it has sent arrives. */
  muteAnswersAfter(words: string): void {
    this.#muteAfter = words;
  }

  /** The next connection that sends these words breaks before they arrive. */
  breakBefore(words: string): void {
    this.#breakBefore = words;
  }

  close(): void {
    this.#server.close();
  }

  #pass(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    let listens = true;
    let answers = true;
    this.#muted.add(() => (listens = answers = false));
    client.on('data', (data) => {
      if (this.#breakBefore !== undefined && data.includes(this.#breakBefore)) {
        this.#breakBefore = undefined;
        client.destroy();
        return;
      }
      if (this.#muteAfter !== undefined && data.includes(this.#muteAfter)) {
        this.#muteAfter = undefined;
        answers = false;
      }
      if (listens) server.write(data);
    });
    server.on('data', (data) => {
      if (answers) client.write(data);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  }
}
