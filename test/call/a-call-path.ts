/** The call path alone, over books of its own and the committed catalogue: what is sent goes where the test says. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openBooks, type Books } from '../../runtime/books.js';
import { Delivery } from '../../runtime/call/delivery.js';
import { executeCall } from '../../runtime/call/execute-call.js';
import { clientOf } from '../../runtime/call/waiting-client.js';
import { ArgumentValidator } from '../../runtime/catalogue/argument-validator.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { systemClock } from '../../runtime/clock.js';
import { readConfig } from '../../runtime/config.js';
import { createVault } from '../../runtime/credential/vault.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { Reputations } from '../../runtime/discovery/reputations.js';
import { Gateway } from '../../runtime/gateway.js';
import type { AccountId, Ledger } from '../../runtime/ledger/ledger.js';
import type { JsonObject, ToolContext } from '../../runtime/mcp/tool.js';
import { runTool, type ToolOutcome } from '../../runtime/mcp/toolbox.js';
import { Admission } from '../../runtime/upstream/admission.js';
import { AnswerMemory } from '../../runtime/upstream/answer-memory.js';
import { Breakers } from '../../runtime/upstream/breakers.js';
import type { Sender, UpstreamAnswer } from '../../runtime/upstream/send.js';
import { fixedValues } from '../credential/fixed-values.js';

export interface CallPath {
  readonly books: Books;
  readonly admission: Admission;
  readonly inFlight: ReadonlyMap<string, Promise<unknown>>;
  /** Has 1 USDC. */
  readonly accountId: AccountId;
  /** The same call each time, with the same idempotency key. @param gone aborted where its client is gone. */
  readonly call: (gone?: AbortSignal) => Promise<unknown>;
  /** The same through the tool call_api, which answers errors too. @param input beside the endpoint and its arguments. */
  readonly callTool: (input: JsonObject) => Promise<ToolOutcome>;
}

/** What the upstream of the call answers. */
export const weather = (): Promise<UpstreamAnswer> =>
  Promise.resolve({
    status: 200,
    headers: {},
    contentType: 'application/json',
    body: Buffer.from('{"city":"Paris","celsius":21.5,"conditions":"sunny"}'),
  });

export interface CallPathOptions {
  readonly send: Sender['send'];
  /** What the path takes for its ledger. */
  readonly ledgerOf?: (ledger: Ledger) => Ledger;
}

export async function withCallPath(
  { send, ledgerOf = (ledger) => ledger }: CallPathOptions,
  check: (path: CallPath) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-path-'));
  const config = readConfig({ TOLLGATE_DATA_DIR: dir, DATABASE_URL: `sqlite:${join(dir, 'tollgate.db')}` }, {});
  const books = await openBooks(config);
  try {
    const catalogue = await Catalogue.open(config.catalogueDir);
    const admission = new Admission({
      breakers: new Breakers(),
      answers: new AnswerMemory(1_000_000),
      clock: systemClock,
    });
    const inFlight = new Map<string, Promise<unknown>>();
    const deps = {
      ledger: ledgerOf(books.ledger),
      quotes: books.quotes,
      inFlight,
      catalogue: () => catalogue,
      validator: new ArgumentValidator(),
      vault: createVault({ values: fixedValues(new Map()), clock: systemClock, send }),
      sender: { send, close: () => Promise.resolve() },
      admission,
      clock: systemClock,
      onRetry: () => undefined,
      upstreamFor: () => 'http://127.0.0.1:9',
      refusedHost: () => Promise.resolve(undefined),
    };
    const accountId = await books.accounts.create('test');
    await creditByOperator(books.ledger, systemClock, { accountId, amountMicroUsdc: 1_000_000n });
    const { keyId } = await books.keys.create({ accountId, name: 'test' });
    const caller = { accountId, keyId, accountName: 'test' };
    const request = { endpoint: 'sandbox/get-weather', arguments: { city: 'Paris' }, idempotencyKey: 'k' };
    const call = (gone = new AbortController().signal) =>
      executeCall(deps, caller, request, clientOf(gone), new Delivery(() => undefined));
    const gateway = new Gateway(
      {
        ...deps,
        ratings: books.ratings,
        reputations: new Reputations(books.ledger, books.ratings, systemClock),
        howToDeposit: String,
      },
      catalogue,
    );
    const context: ToolContext = {
      gateway,
      caller: () => Promise.resolve(caller),
      client: clientOf(new AbortController().signal),
      delivery: () => new Delivery(() => undefined),
    };
    const { endpoint, arguments: args } = request;
    const callTool = (input: JsonObject) =>
      runTool('call_api', { endpoint, arguments: args, ...input }, context, () => undefined);
    await check({ books, admission, inFlight, accountId, call, callTool });
  } finally {
    await books.store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
