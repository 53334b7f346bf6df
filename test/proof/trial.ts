/**
 * What a proof with real gateways stands on: a database of one kind, an upstream that outlives them, funded buyers, and
 * at the end a judge who compares what the buyers were told with the books, and the books with themselves.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openBooks, type Books } from '../../runtime/books.js';
import { systemClock, type Clock } from '../../runtime/clock.js';
import { readConfig, type Config } from '../../runtime/config.js';
import type { AccountId } from '../../runtime/ledger/ledger.js';
import { parseUsdc } from '../../runtime/ledger/micro-usdc.js';
import type { StoreKind, TestDatabase } from '../store/stores.js';
import { Buyer, type Order } from './buyer.js';
import { startCountingUpstream, type CountingUpstream, type UpstreamBehaviour } from './counting-upstream.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.js';

/** What an order costs. */
export const ORDER_MICRO_USDC = 5_000n;

export interface TrialOptions extends UpstreamBehaviour {
  readonly buyers: number;
  readonly fundsMicroUsdc: bigint;
}

export class Trial {
  readonly buyers: Buyer[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly upstream: CountingUpstream,
    readonly fundsMicroUsdc: bigint,
    private readonly directory: string,
  ) {}

  static async open(kind: StoreKind, { buyers, fundsMicroUsdc, ...behaviour }: TrialOptions): Promise<Trial> {
    const directory = mkdtempSync(join(tmpdir(), 'tollgate-trial-'));
    const [database, upstream] = [await kind.create(), await startCountingUpstream(behaviour)];
    const trial = new Trial(database, upstream, fundsMicroUsdc, directory);
    await trial.withBooks(systemClock, async ({ accounts, keys, ledger }) => {
      for (let index = 0; index < buyers; index += 1) {
        const accountId = await accounts.create(`buyer ${index}`);
        await ledger.deposit(accountId, fundsMicroUsdc, `trial:${index}`);
        const { apiKey } = await keys.create({ accountId, name: 'trial' });
        trial.buyers.push(new Buyer(accountId, apiKey.reveal()));
      }
    });
    return trial;
  }

  /** Another key of the buyer's account. */
  anotherKey({ accountId }: Buyer): Promise<string> {
    return this.withBooks(systemClock, async ({ keys }) =>
      (await keys.create({ accountId, name: 'another' })).apiKey.reveal(),
    );
  }

  /** A gateway on the database; several are replicas, with one receipt key. */
  startGateway(): Promise<GatewayProcess> {
    return startGatewayProcess(this.environment);
  }

  get environment(): Readonly<Record<string, string>> {
    return {
      TOLLGATE_DATA_DIR: this.directory,
      DATABASE_URL: this.database.url,
      TOLLGATE_UPSTREAM_SANDBOX: this.upstream.url,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox',
    };
  }

  get config(): Config {
    return readConfig({ PORT: '0' }, this.environment);
  }

  /** Works on the books from this process, beside the gateways. */
  async withBooks<Result>(clock: Clock, work: (books: Books) => Promise<Result>): Promise<Result> {
    const books = await openBooks(this.config, clock);
    try {
      return await work(books);
    } finally {
      await books.store.close();
    }
  }

  /**
   * Fails where the books contradict themselves, the buyers, or the upstream. To be asked when no gateway runs; the
   * calls that a killed one has left open are left so.
   */
  async judge(): Promise<void> {
    await this.withBooks(systemClock, async (books) => {
      assert.deepEqual(
        (await books.ledger.check()).filter(({ violations }) => violations.length > 0),
        [],
      );
      for (const { accountId, orders } of this.buyers) {
        await this.#judgeTotals(books, accountId);
        for (const order of orders) await this.#judgeOrder(books, accountId, order);
      }
      const twice = await books.store.read.rows(
        "SELECT request_digest FROM calls WHERE state = 'captured' GROUP BY account_id, request_digest HAVING COUNT(*) > 1",
      );
      assert.deepEqual(twice, [], 'an order was charged twice');
    });
  }

  /** Ends what the killed gateways have left open, as the sweeper does an hour later. How many calls there were. */
  async sweepLater(): Promise<number> {
    const later: Clock = { ...systemClock, nowMs: () => Date.now() + 60 * 60 * 1000 };
    return this.withBooks(later, async ({ ledger }) => {
      const { released, unknown } = await ledger.sweep();
      for (const { accountId } of this.buyers) assert.equal((await ledger.balance(accountId)).heldMicroUsdc, 0n);
      return released + unknown;
    });
  }

  async close(): Promise<void> {
    await this.upstream.close();
    await this.database.drop();
    rmSync(this.directory, { recursive: true });
  }

  /** What was deposited is available, held or charged; what is held is what the open calls hold. */
  async #judgeTotals({ ledger, store }: Books, accountId: AccountId): Promise<void> {
    const { availableMicroUsdc, heldMicroUsdc } = await ledger.balance(accountId);
    const { total } = await ledger.usage({ accountId, limit: 1 });
    assert.equal(availableMicroUsdc + heldMicroUsdc + total!.chargedMicroUsdc, this.fundsMicroUsdc);
    const [row] = await store.read.rows(
      "SELECT COUNT(*) AS open FROM calls WHERE account_id = ? AND state IN ('held', 'dispatched')",
      [accountId],
    );
    assert.equal(heldMicroUsdc, BigInt(row!['open']!.toString()) * ORDER_MICRO_USDC);
  }

  async #judgeOrder({ ledger }: Books, accountId: AccountId, { tag, answer }: Order): Promise<void> {
    assert.ok(this.upstream.seen(tag) <= 1, `${tag} was sent ${this.upstream.seen(tag)} times`);
    if (answer === undefined) return;
    assert.equal(this.upstream.seen(tag), 1);
    const call = await ledger.findCall(accountId, answer.requestId);
    assert.equal(call?.state, 'captured', `${tag} was answered, and its call is ${call?.state ?? 'absent'}`);
    assert.deepEqual(call.receipt, answer.receipt);
    assert.equal(call.chargeMicroUsdc, parseUsdc(answer.charged));
    assert.ok(call.told !== undefined && 'body' in call.told);
    assert.equal(Buffer.from(call.told.body).toString(), answer.body);
  }
}
