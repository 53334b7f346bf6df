/**
 * Runs the gateway on a catalogue as an operator does, in a process of its own, with a database that is gone afterwards,
 * and connects to it as an agent does: the official MCP client, over HTTP, with an API key.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import type { ProviderFile } from '../../generated/contract.js';
import { upstreamVariable } from '../../runtime/provider-variable.js';
import type { JsonObject } from './openapi-document.js';
import { runChild } from './run-child.js';
import { killAtExit, stopAtExit } from './stop-at-exit.js';
import { testCredentials } from './test-credentials.js';

const TOLLGATE = ['--import', 'tsx', join(import.meta.dirname, '..', '..', 'runtime', 'cli', 'tollgate.ts')];
/** USDC: more than any run spends. */
const CREDIT = '1000';
const TOOL_TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 180_000;
const COMMAND_TIMEOUT_MS = 180_000;
const KEPT_CHARACTERS = 4_000;
const LISTENING = /Tollgate is listening: (http:\/\/[\d.:]+\/mcp)/;

/** The gateway ended, did not start or gave no answer, whatever the documents and the arguments say. */
export class GatewayCrash extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GatewayCrash';
  }
}

export interface ToolAnswer {
  readonly answer: JsonObject;
  readonly isError: boolean;
}

export interface ServedCatalogue {
  /** The endpoint ids of a provider, sorted; none where it is not in the catalogue. */
  endpoints(provider: string): readonly string[];
  /** Calls a tool as an agent. @throws GatewayCrash */
  ask(tool: string, args: JsonObject): Promise<ToolAnswer>;
  /** What is wrong with the books now; empty where they are sound. */
  unsoundBooks(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * @param upstream the base URL that the calls of every provider go to, in place of its document's servers
 * @throws GatewayCrash
 */
export async function serveCatalogue(catalogueDir: string, upstream: string): Promise<ServedCatalogue> {
  const providers = await providerFiles(catalogueDir);
  const dataDir = await mkdtemp(join(tmpdir(), 'tollgate-corpus-'));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  const forget = stopAtExit(remove);
  // Nothing of this shell's but what any program needs: no variable of it may reach the gateway.
  const variables: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: dataDir,
    PORT: '0',
    HOST: '127.0.0.1',
    TOLLGATE_DATA_DIR: dataDir,
    DATABASE_URL: `sqlite:${join(dataDir, 'tollgate.db')}`,
    TOLLGATE_CATALOGUE: catalogueDir,
    TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: '*',
  };
  for (const { provider } of providers) {
    variables[upstreamVariable(provider.id)] = upstream;
    Object.assign(variables, testCredentials(provider));
  }
  const created = await command(['account', 'create', '--name', 'corpus', '--credit', CREDIT, '--json'], variables);
  const { apiKey } = JSON.parse(created) as { readonly apiKey: string };
  const gateway = await startGateway(variables);
  const client = new Client({ name: 'tollgate-corpus', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(gateway.url), {
      requestInit: { headers: { Authorization: `Bearer ${apiKey}` } },
    }),
  );
  const ids = new Map(providers.map(({ provider, endpoints }) => [provider.id, endpoints.map(({ id }) => id).sort()]));
  return {
    endpoints: (provider) => ids.get(provider) ?? [],
    ask: async (name, args) => {
      try {
        const result = await client.callTool({ name, arguments: args }, undefined, { timeout: TOOL_TIMEOUT_MS });
        return { answer: result.structuredContent as JsonObject, isError: result.isError === true };
      } catch (error) {
        throw new GatewayCrash(`${name} ${JSON.stringify(args).slice(0, 500)}: ${String(error)}\n${gateway.said()}`);
      }
    },
    unsoundBooks: async () => {
      const { results } = JSON.parse(await command(['ledger', 'check', '--json'], variables)) as {
        readonly results: readonly { readonly invariant: string; readonly violations: readonly string[] }[];
      };
      return results.flatMap(({ invariant, violations }) => violations.map((each) => `${invariant}: ${each}`));
    },
    close: async () => {
      await client.close();
      await gateway.stop();
      remove();
      forget();
    },
  };
}

async function providerFiles(catalogueDir: string): Promise<readonly ProviderFile[]> {
  const folder = join(catalogueDir, 'providers');
  const files: ProviderFile[] = [];
  for (const provider of (await readdir(folder)).sort()) {
    files.push(JSON.parse(await readFile(join(folder, provider, 'descriptors.json'), 'utf8')) as ProviderFile);
  }
  return files;
}

/** What a command of `tollgate` prints. A status of 1 is an answer too: of books that are not sound. */
async function command(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const end = await runChild(process.execPath, [...TOLLGATE, ...args], { timeoutMs: COMMAND_TIMEOUT_MS, env });
  if (end.code === null || end.code > 1 || !end.stdout.startsWith('{')) {
    throw new GatewayCrash(`tollgate ${args.join(' ')} ended with ${String(end.code)}: ${end.output.slice(-2000)}`);
  }
  return end.stdout;
}

interface GatewayProcess {
  readonly url: string;
  /** The end of what it said. */
  said(): string;
  stop(): Promise<void>;
}

async function startGateway(env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [...TOLLGATE, 'serve'], { stdio: ['ignore', 'pipe', 'pipe'], env });
  killAtExit(child);
  const exited = once(child, 'exit');
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new GatewayCrash(`the gateway ${why}: ${said.trim().slice(-2000)}`));
    };
    const overdue = setTimeout(() => fail(`did not start in ${START_TIMEOUT_MS / 1000} s`), START_TIMEOUT_MS);
    child.once('exit', (code) => {
      clearTimeout(overdue);
      fail(`ended with ${String(code)}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      // It is read to the end of the child's life: a full pipe would stop it.
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-KEPT_CHARACTERS);
        const found = LISTENING.exec(said)?.[1];
        if (found === undefined) return;
        clearTimeout(overdue);
        resolve(found);
      });
    }
  });
  return {
    url,
    said: () => said.trim(),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
