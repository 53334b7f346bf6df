/**
 * Runs the gateway on a catalogue as an operator does, with a database of its own that is gone afterwards, and connects
 * to it as an agent does: the official MCP client, over HTTP, with an API key.
 */

import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import type { ProviderFile } from '../../generated/contract.js';
import { systemClock } from '../../runtime/clock.js';
import { readConfig } from '../../runtime/config.js';
import { variablePart } from '../../runtime/credential/credential-variable.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { parseUsdc } from '../../runtime/ledger/micro-usdc.js';
import { startGateway } from '../../runtime/main.js';
import type { JsonObject } from './openapi-document.js';
import { stopAtExit } from './stop-at-exit.js';
import { testCredentials } from './test-credentials.js';

/** USDC: more than any run spends. */
const CREDIT = '1000';
const TOOL_TIMEOUT_MS = 60_000;

export interface ToolAnswer {
  readonly answer: JsonObject;
  readonly isError: boolean;
}

export interface ServedCatalogue {
  /** The endpoint ids of a provider, sorted. */
  endpoints(provider: string): readonly string[];
  /** Calls a tool as an agent. */
  ask(tool: string, args: JsonObject): Promise<ToolAnswer>;
  /** What is wrong with the books now; empty where they are sound. */
  unsoundBooks(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @param upstreams provider → the base URL that its calls go to; only these can be called. */
export async function serveCatalogue(
  catalogueDir: string,
  upstreams: ReadonlyMap<string, string>,
): Promise<ServedCatalogue> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tollgate-corpus-'));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  const forget = stopAtExit(remove);
  const variables: Record<string, string> = {
    PORT: '0',
    HOST: '127.0.0.1',
    TOLLGATE_DATA_DIR: dataDir,
    TOLLGATE_CATALOGUE: catalogueDir,
    TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: [...upstreams.keys()].join(','),
  };
  for (const [provider, url] of upstreams) {
    variables[`TOLLGATE_UPSTREAM_${variablePart(provider)}`] = url;
    const file = await readFile(join(catalogueDir, 'providers', provider, 'descriptors.json'), 'utf8');
    Object.assign(variables, testCredentials((JSON.parse(file) as ProviderFile).provider));
  }
  // An empty environment: nothing of this shell's may reach the gateway.
  const running = await startGateway(readConfig(variables, {}));
  const { accounts, keys, ledger } = running.books;
  const accountId = await accounts.create('corpus');
  await creditByOperator(ledger, systemClock, { accountId, amountMicroUsdc: parseUsdc(CREDIT) });
  const { apiKey } = await keys.create({ accountId, name: 'corpus' });
  const client = new Client({ name: 'tollgate-corpus', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${running.url}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${apiKey.reveal()}` } },
    }),
  );
  const ids = running.gateway.catalogue.entries.map((entry) => entry.id).sort();
  return {
    endpoints: (provider) => ids.filter((id) => id.startsWith(`${provider}/`)),
    ask: async (name, args) => {
      const result = await client.callTool({ name, arguments: args }, undefined, { timeout: TOOL_TIMEOUT_MS });
      return { answer: result.structuredContent as JsonObject, isError: result.isError === true };
    },
    unsoundBooks: async () => {
      const results = await ledger.check();
      return results.flatMap(({ invariant, violations }) =>
        violations.map((violation) => `${invariant}: ${violation}`),
      );
    },
    close: async () => {
      await client.close();
      await running.close();
      remove();
      forget();
    },
  };
}
