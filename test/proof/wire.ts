/** A wire to a gateway that counts the bytes both ways, and can be cut after a number of them. */

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Carried {
  /** Bytes from the client to the gateway. */
  readonly sent: number;
  /** Bytes from the gateway to the client. */
  readonly received: number;
}

const WHOLE: Carried = { sent: Infinity, received: Infinity };

export class Wire {
  readonly #sockets = new Set<Socket>();
  #carried = { sent: 0, received: 0 };
  #length: Carried = WHOLE;

  private constructor(
    private readonly server: Server,
    private readonly gatewayPort: number,
  ) {}

  static async to(gatewayUrl: string): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server, Number(new URL(gatewayUrl).port));
    server.on('connection', (client) => wire.#connect(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What it has carried since it was made, cut or mended. */
  carried(): Carried {
    return { ...this.#carried };
  }

  /** Carries as many bytes and breaks at the next. */
  cutAfter(length: Partial<Carried>): void {
    this.#carried = { sent: 0, received: 0 };
    this.#length = { ...WHOLE, ...length };
  }

  mend(): void {
    this.cutAfter(WHOLE);
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.server, 'close');
  }

  #connect(client: Socket): void {
    const gateway = connect(this.gatewayPort, '127.0.0.1');
    const cut = () => {
      client.destroy();
      gateway.destroy();
    };
    for (const [from, to, way] of [
      [client, gateway, 'sent'],
      [gateway, client, 'received'],
    ] as const) {
      this.#sockets.add(from);
      from.on('close', () => this.#sockets.delete(from));
      // Whoever is at the other end learns of it by its own socket.
      from.on('error', cut);
      from.on('close', cut);
      from.on('data', (bytes: Buffer) => {
        const room = this.#length[way] - this.#carried[way];
        this.#carried[way] += Math.min(room, bytes.length);
        if (bytes.length <= room) to.write(bytes);
        else if (room <= 0) cut();
        else to.write(bytes.subarray(0, room), cut);
      });
    }
  }
}
