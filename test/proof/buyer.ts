/**
 * A client of the gateway that writes down what it was told, for a judge to compare with the books. Each of its orders
 * has an idempotency key of its own; where no answer comes, it asks again with the same key.
 *
 * It fails by itself where the gateway contradicts what it has said before, or says what it never should.
 */

import assert from 'node:assert/strict';

import type { AccountId } from '../../runtime/ledger/ledger.js';
import type { Receipt } from '../../runtime/receipt/receipt.js';

export interface Answer {
  readonly requestId: string;
  readonly receipt: Receipt;
  readonly charged: string;
  readonly body: string;
}

export interface Order {
  /** Its idempotency key, and its mark in the request. */
  readonly tag: string;
  /** What the buyer was told when it was charged. */
  answer?: Answer;
  /** The code of the error that it was told, where that is the end of the order. */
  failed?: string;
}

/** `lost`: no answer came, or one that says to ask again. `running`: the key's first call has not ended. */
export type Outcome = 'answered' | 'failed' | 'refused' | 'lost' | 'running';

/** What a gateway may say of an order that is to be asked for again. */
const ASK_AGAIN = ['STORE_UNAVAILABLE', 'SHUTTING_DOWN', 'PROVIDER_BUSY', 'CLIENT_GONE'];

/** What ends an order without a charge. */
const FAILED = ['UPSTREAM_ERROR', 'OUTCOME_UNKNOWN'];

export class Buyer {
  readonly orders: Order[] = [];

  constructor(
    readonly accountId: AccountId,
    readonly apiKey: string,
  ) {}

  newOrder(): Order {
    const order: Order = { tag: `${this.accountId}-${this.orders.length}` };
    this.orders.push(order);
    return order;
  }

  /** Sends the order to the gateway at this URL. */
  async place(url: string, order: Order): Promise<Outcome> {
    const reply = await this.#send(url, order);
    if (reply === undefined) return 'lost';
    const { status, body } = reply;
    if (status === 200) {
      assert.equal(order.failed, undefined, `${order.tag} was told that it failed, and then that it succeeded`);
      const answer = answerOf(body);
      // What was told once is told again, to the byte.
      if (order.answer !== undefined) assert.deepEqual(answer, order.answer);
      order.answer = answer;
      return 'answered';
    }
    const code = String(body.code);
    if (ASK_AGAIN.includes(code)) return 'lost';
    assert.equal(order.answer, undefined, `${order.tag} was answered, and then told ${code}`);
    if (code === 'IDEMPOTENCY_KEY_IN_USE') return 'running';
    if (code === 'INSUFFICIENT_FUNDS') return 'refused';
    assert.ok(FAILED.includes(code), `${order.tag} was told ${JSON.stringify(body)}`);
    assert.equal(body.charged ?? '0.000000', '0.000000');
    order.failed = code;
    return 'failed';
  }

  /** Nothing where the connection broke before the whole answer was here. */
  async #send(url: string, { tag }: Order): Promise<{ status: number; body: Record<string, unknown> } | undefined> {
    const init = {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${this.apiKey}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': tag,
      },
      body: JSON.stringify(requestOf(tag)),
    };
    let response: Response;
    try {
      response = await fetch(`${url}/v1/call/sandbox/create-order`, init);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    } catch (error) {
      // `fetch` says TypeError of a connection that was refused or broke, and SyntaxError is half an answer.
      if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}

/** The arguments of an order: what is sent, and what its request digest is made of. */
export function requestOf(tag: string) {
  return { body: { customer: { name: tag }, items: [{ product_id: 'p-001', quantity: 1 }] } };
}

function answerOf(body: Readonly<Record<string, unknown>>): Answer {
  return {
    requestId: body.request_id as string,
    receipt: body.receipt as Receipt,
    charged: body.charged as string,
    body: JSON.stringify(body.body),
  };
}
