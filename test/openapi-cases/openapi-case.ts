/** How one row of the table is proven: a document, and what an agent and the provider see of it. */

import type { ProviderResult } from '../../generator/generate.js';
import type { Loss, Refusal, Warning } from '../../generator/report/findings.js';
import type { Json, ToolReply } from '../fixtures/test-gateway.js';

/** A request as the provider received it. */
export interface SentRequest {
  readonly method: string;
  /** Path and query, as on the wire. */
  readonly url: string;
  /** Names in lower case; a header that came twice has its values joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly body: string;
}

export interface ProviderAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Files below `specs/<provider>/`; in them `upstream.test` stands for the address of the recording provider. */
export type Files = Readonly<Record<string, string>>;

/** The row's own provider, generated and served. Operations are named without the provider. */
export interface Bench {
  /** The ids of all of its operations, as browse_apis lists them, sorted. */
  readonly operations: () => Promise<readonly string[]>;
  readonly warnings: readonly Warning[];
  readonly losses: readonly Loss[];
  readonly refused: readonly Refusal[];
  /** What describe_endpoint answers. */
  readonly describe: (operation: string) => Promise<Json>;
  /** The JSON Schema of an operation's arguments, by name. */
  readonly argumentsOf: (operation: string) => Promise<Readonly<Record<string, Json>>>;
  /** What call_api answers, whatever it is. */
  readonly call: (operation: string, args?: Json, options?: Json) => Promise<ToolReply>;
  /** Calls, and returns the one request that the provider received. */
  readonly send: (operation: string, args?: Json) => Promise<SentRequest>;
  /** Calls, and returns the code of the error; it is an error where the provider received anything. */
  readonly refusal: (operation: string, args: Json) => Promise<string>;
  /** All requests that the provider received for this row so far, those to its token server among them. */
  readonly received: readonly SentRequest[];
  /** Another provider through the generator alone, types included. */
  readonly generate: (files: Files) => Promise<ProviderResult>;
}

export interface OpenapiCase {
  readonly document: string | Files;
  /** Variables of the gateway's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the provider answers; `{"ok":true}` where it is left out. */
  readonly answer?: (request: SentRequest) => ProviderAnswer;
  readonly prove: (bench: Bench) => Promise<void>;
}

/** A document's frame: its version, a title and the recording provider as its server. `body` is YAML. */
export function openapi(version: string, body: string): string {
  return `openapi: ${version}\ninfo: { title: A case, version: "1" }\nservers: [{ url: "http://upstream.test" }]\n${body}`;
}
