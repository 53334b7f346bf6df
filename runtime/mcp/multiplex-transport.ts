/**
 * One connection to the MCP server that serves all clients: the requests of many POSTs go through it side by side. To
 * make a server for each request costs more than to answer it.
 *
 * Invariants:
 * - Clients number their requests as they like, and so alike. The server sees a number of ours in the place of each
 *   id, and a response goes to the exchange that its request came with, under the id that it came with.
 * - What one client says reaches no request of another: a cancellation is for requests before it in its own exchange.
 *   To a stateless server no other can be told to be the same client's, not even by its API key: two agents that share
 *   one both begin at 1.
 * - Notifications and responses of clients go no further. The server asks its clients nothing and keeps nothing about
 *   them; what it tells of a request while that runs goes to the exchange of the request.
 *
 * It knows nothing of HTTP.
 */

import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  JSONRPCResponse,
  RequestId,
} from '@modelcontextprotocol/sdk/types.js';

/** The requests that came in one POST. */
export interface Exchange {
  /** In the order of the requests; a request that was cancelled has none. */
  readonly responses: Promise<readonly JSONRPCResponse[]>;
  /** Cancels whatever is not answered yet. */
  abandon(): void;
}

interface Waiting<Context> {
  readonly context: Context;
  readonly notify: (notification: JSONRPCNotification) => void;
  readonly settle: (response: JSONRPCResponse | undefined) => void;
}

export class MultiplexTransport<Context> implements Transport {
  onclose: Transport['onclose'];
  onerror: Transport['onerror'];
  onmessage: Transport['onmessage'];
  readonly #waiting = new Map<RequestId, Waiting<Context>>();
  #lastId = 0;

  /** There is nothing to open. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.onclose?.();
    return Promise.resolve();
  }

  /**
   * Hands the messages to the server.
   * @param context what `contextOf` answers while one of these requests runs.
   * @param notify is handed what the server tells of one of them, until that is answered or cancelled.
   */
  begin(
    messages: readonly JSONRPCMessage[],
    context: Context,
    notify: (notification: JSONRPCNotification) => void,
  ): Exchange {
    const open = new Map<RequestId, RequestId>();
    const responses: Promise<JSONRPCResponse | undefined>[] = [];
    for (const message of messages) {
      if (!('method' in message)) continue;
      if ('id' in message) responses.push(this.#ask(message, { context, notify }, open));
      else if (message.method === 'notifications/cancelled') this.#cancel(open, message.params?.['requestId']);
    }
    return {
      responses: Promise.all(responses).then((all) => all.filter((response) => response !== undefined)),
      abandon: () => {
        for (const id of open.keys()) this.#drop(id);
      },
    };
  }

  /**
   * The context of the exchange that the request came in.
   * @param id as the server sees it.
   * @throws Error where the request is answered or cancelled.
   */
  contextOf(id: RequestId): Context {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) throw new Error(`request ${id} waits for no answer`);
    return waiting.context;
  }

  /** Takes a response of the server's, or a notification that is about a request. */
  send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    const { relatedRequestId } = options;
    if ('method' in message && !('id' in message) && relatedRequestId !== undefined) {
      this.#waiting.get(relatedRequestId)?.notify(message);
      return Promise.resolve();
    }
    if ('method' in message || message.id === undefined) {
      return Promise.reject(new Error('a stateless server has nobody to send this to'));
    }
    this.#waiting.get(message.id)?.settle(message);
    return Promise.resolve();
  }

  /** @param open the requests of the exchange that are not answered: the server's id of each, and the client's. */
  #ask(
    request: JSONRPCRequest,
    exchange: Omit<Waiting<Context>, 'settle'>,
    open: Map<RequestId, RequestId>,
  ): Promise<JSONRPCResponse | undefined> {
    const id = ++this.#lastId;
    open.set(id, request.id);
    return new Promise((resolve) => {
      const settle = (response: JSONRPCResponse | undefined): void => {
        this.#waiting.delete(id);
        open.delete(id);
        resolve(response === undefined ? undefined : { ...response, id: request.id });
      };
      this.#waiting.set(id, { ...exchange, settle });
      this.onmessage?.({ ...request, id });
    });
  }

  #cancel(open: ReadonlyMap<RequestId, RequestId>, clientId: unknown): void {
    for (const [id, other] of open) if (other === clientId) this.#drop(id);
  }

  #drop(id: RequestId): void {
    this.#waiting.get(id)?.settle(undefined);
    this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
  }
}
